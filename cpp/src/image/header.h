#pragma once

#include <span>
#include <string>
#include <string_view>

#include "georgia/base/error.h"
#include "georgia/image/decode.h"

namespace georgia {

using ByteSpan = std::span<const std::uint8_t>;

[[noreturn]] inline void refuse_image(std::string_view subject, std::string_view wrong) {
    throw BadInput("read_image", subject, wrong);
}

/// An unsigned number of 1 to 4 bytes, most significant first.
inline std::uint32_t big_endian(ByteSpan bytes, std::size_t at, std::size_t size) {
    std::uint32_t value = 0;
    for (std::size_t i = 0; i < size; ++i) value = (value << 8) | bytes[at + i];
    return value;
}

/// The same, least significant first.
inline std::uint32_t little_endian(ByteSpan bytes, std::size_t at, std::size_t size) {
    std::uint32_t value = 0;
    for (std::size_t i = size; i > 0; --i) value = (value << 8) | bytes[at + i - 1];
    return value;
}

/// For each format two steps. The first reads the size and kind from a fixed place. The second,
/// after the limits were checked, walks the whole file: pieces, checksums, frames, and whether
/// there is enough data for the size; it completes the header.
ImageHeader read_png_header(ByteSpan bytes, std::string_view subject);
void walk_png(ByteSpan bytes, std::string_view subject, ImageHeader& header);

ImageHeader read_jpeg_header(ByteSpan bytes, std::string_view subject);
void walk_jpeg(ByteSpan bytes, std::string_view subject, ImageHeader& header);

ImageHeader read_bmp_header(ByteSpan bytes, std::string_view subject);
void walk_bmp(ByteSpan bytes, std::string_view subject);

ImageHeader read_tiff_header(ByteSpan bytes, std::string_view subject);
void walk_tiff(
    ByteSpan bytes, std::string_view subject, const DecodeLimits& limits, ImageHeader& header);

/// What is used of an EXIF block.
struct Exif {
    int orientation = 1;  ///< 1 where there is none that is valid
    /// "2026:11:22 10:30:00" by the camera's clock, when it was taken or, where that is not said,
    /// last changed; empty where unknown.
    std::string taken;
};

Exif exif_of(ByteSpan block);

}  // namespace georgia
