#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "georgia/image/image.h"

namespace georgia {

/// What an untrusted file may ask for. Checked on the header, before memory is taken for pixels.
struct DecodeLimits {
    std::int64_t max_bytes = std::int64_t{256} << 20;
    std::int64_t max_pixels = 50'000'000;
    std::int64_t max_side = 32'766;  ///< OpenCV addresses rows and columns of a warp in 16 bits
};

enum class Format { kPng, kJpeg, kBmp, kTiff };

/// What the first bytes of a file claim.
struct ImageHeader {
    Format format = Format::kPng;
    std::int64_t height = 0;
    std::int64_t width = 0;
    bool has_alpha = false;
    bool is_gray = false;
    /// TIFF: the byte that says alpha is not multiplied into the colours; 0 where there is none.
    std::size_t straight_alpha_at = 0;
};

/// Recognises PNG, JPEG, BMP and TIFF by content, never by name. The subject names the source.
ImageHeader read_header(std::span<const std::uint8_t> bytes, std::string_view subject);

/// The header, after everything that can be refused before a pixel is decoded: size of the file,
/// format, limits, a file cut short.
ImageHeader check_header(
    std::span<const std::uint8_t> bytes, std::string_view subject, const DecodeLimits& limits);

/// Bytes of an untrusted file to stored form; 16-bit samples become (v * 255 + 32767) / 65535.
Image decode(
    std::span<const std::uint8_t> bytes, std::string_view subject, const DecodeLimits& limits = {});

/// Reads and decodes a file; its path is the subject of every error.
Image decode_file(const std::string& path, const DecodeLimits& limits = {});

/// Stored form to PNG bytes.
std::vector<std::uint8_t> encode_png(const Image& image);

}  // namespace georgia
