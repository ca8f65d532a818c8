#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

#include "georgia/base/options.h"
#include "georgia/image/geometry.h"
#include "georgia/image/image.h"

namespace georgia {

/// What an untrusted file may ask for; checked before memory is taken for pixels.
struct DecodeLimits {
    std::int64_t max_bytes = std::int64_t{256} << 20;
    std::int64_t max_pixels = 50'000'000;
    std::int64_t max_side = kLargestSide;
    std::int64_t max_frames = 1;
    std::int64_t max_scans = 100;
    std::int64_t max_chunks = 256;

    /// OpenCV addresses rows and columns of a warp in 16 bits.
    static constexpr int kLargestSide = 32'766;

    static constexpr auto fields() {
        using L = DecodeLimits;
        using F = Field<L, std::int64_t>;
        return std::tuple{
            F{"max_bytes", &L::max_bytes, "bytes", "size of a file", 1, double{1LL << 40}},
            F{"max_pixels", &L::max_pixels, "pixels", "height times width", 1, 4e9},
            F{"max_side", &L::max_side, "pixels", "height and width", 1, kLargestSide},
            F{"max_frames",
              &L::max_frames,
              "",
              "pages or frames in a file, of which the first is read",
              1,
              1e6},
            F{"max_scans", &L::max_scans, "", "passes of a progressive JPEG", 1, 1e6},
            F{"max_chunks", &L::max_chunks, "", "pieces beside the pixels: metadata", 0, 1e9}};
    }

    void validate() const {
        check_ranges(*this);
    }

    bool operator==(const DecodeLimits&) const = default;
};

/// The 16-bit values that become 0 and 255; what lies outside is clipped.
struct DepthRange {
    std::int64_t low = 0;
    std::int64_t high = 65'535;
};

enum class Format { kPng, kJpeg, kBmp, kTiff };
template <>
struct EnumNames<Format> {
    static constexpr std::array<std::string_view, 4> kNames{"PNG", "JPEG", "BMP", "TIFF"};
};

/// What a file says of itself. Height and width are those of the file, before orientation.
struct ImageHeader {
    Format format = Format::kPng;
    std::int64_t height = 0;
    std::int64_t width = 0;
    int bits = 8;  ///< of one sample in the file: 1, 2, 4, 8 or 16
    bool is_gray = false;
    bool has_alpha = false;
    bool has_premultiplied_alpha = false;
    bool is_cmyk = false;
    int orientation = 1;  ///< EXIF: 1 upright, 2 to 8 turned or mirrored
    std::string taken;    ///< EXIF: when, by the camera's clock; empty where unknown
    std::int64_t frames = 1;
    std::int64_t scans = 1;
    std::int64_t chunks = 0;  ///< pieces of metadata
};

/// The frame in which an image will be seen, for which a JPEG may be decoded smaller: by 2, 4 or 8
/// where it would be averaged over as many pixels anyway (Note [One interpolation]).
struct ReducedFor {
    FrameSize frame;
    Fit fit = Fit::kStretch;
    Interpolation interpolation = Interpolation::kBilinear;
};

/// Pixels in stored form, with what the file said.
struct Decoded {
    ImageHeader header;
    Image image;
};

/// Note [Strict reading]: size of the file, first bytes (never the name), header, limits, a walk
/// over the whole file that takes no memory for pixels, and only then pixels. A file that is
/// damaged, cut short or of a kind that was not tried is refused with a reason; nothing is patched
/// up. Everything up to the pixels is here.
ImageHeader check_header(
    std::span<const std::uint8_t> bytes, std::string_view subject, const DecodeLimits& limits);

/// Bytes of an untrusted file to stored form, upright. 16-bit samples become 8-bit ones:
/// ((v - low) * 255 + (high - low) / 2) / (high - low). The subject names the source.
Decoded decode(
    std::span<const std::uint8_t> bytes,
    std::string_view subject,
    const DecodeLimits& limits = {},
    const DepthRange& depth = {},
    const std::optional<ReducedFor>& reduced_for = {});

/// Reads and decodes a file; its path is the subject of every error.
Image decode_file(
    const std::string& path,
    const DecodeLimits& limits = {},
    const DepthRange& depth = {},
    const std::optional<ReducedFor>& reduced_for = {});

}  // namespace georgia
