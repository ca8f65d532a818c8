#include <string>

#include "image/header.h"

namespace georgia {
namespace {

enum Compression : std::uint32_t { kPlain = 0, kRle8 = 1, kRle4 = 2, kMasks = 3, kAlphaMasks = 6 };

/// The two generations of the header: OS/2 with 12 bytes, Windows with 40 and more.
bool is_old(ByteSpan bytes) {
    return little_endian(bytes, 14, 4) == 12;
}

std::uint32_t compression_of(ByteSpan bytes) {
    return is_old(bytes) ? std::uint32_t{kPlain} : little_endian(bytes, 30, 4);
}

}  // namespace

ImageHeader read_bmp_header(ByteSpan bytes, std::string_view subject) {
    if (bytes.size() < 54) refuse_image(subject, "BMP cut short");
    const std::uint32_t header_size = little_endian(bytes, 14, 4);
    if (header_size != 12 && header_size < 40) refuse_image(subject, "BMP of an unknown kind");
    ImageHeader header;
    header.format = Format::kBmp;
    if (is_old(bytes)) {
        header.width = little_endian(bytes, 18, 2);
        header.height = little_endian(bytes, 20, 2);
    } else {
        header.width = static_cast<std::int32_t>(little_endian(bytes, 18, 4));
        const auto height = static_cast<std::int32_t>(little_endian(bytes, 22, 4));
        header.height = height < 0 ? -std::int64_t{height} : height;
    }
    const std::uint32_t bits = little_endian(bytes, is_old(bytes) ? 24 : 28, 2);
    if (bits != 1 && bits != 4 && bits != 8 && bits != 16 && bits != 24 && bits != 32)
        refuse_image(subject, "BMP with " + std::to_string(bits) + " bits a pixel");
    header.bits = bits < 8 ? static_cast<int>(bits) : 8;
    if (compression_of(bytes) == kAlphaMasks || compression_of(bytes) > kAlphaMasks ||
        compression_of(bytes) == 4 || compression_of(bytes) == 5)
        refuse_image(subject, "BMP with a compression that is not read");
    // Alpha is told by a mask, which headers of version 4 and 5 have room for.
    header.has_alpha = bits == 32 && compression_of(bytes) == kMasks && header_size >= 108 &&
                       bytes.size() >= 70 && little_endian(bytes, 66, 4) != 0;
    return header;
}

void walk_bmp(ByteSpan bytes, std::string_view subject, const ImageHeader& header) {
    const std::uint64_t pixels_at = little_endian(bytes, 10, 4);
    const std::uint64_t header_end = 14 + std::uint64_t{little_endian(bytes, 14, 4)};
    if (pixels_at < header_end) refuse_image(subject, "BMP damaged: pixels inside its header");
    if (little_endian(bytes, 2, 4) > bytes.size()) refuse_image(subject, "BMP cut short");
    const std::uint64_t bits = little_endian(bytes, is_old(bytes) ? 24 : 28, 2);
    const std::uint64_t row = (static_cast<std::uint64_t>(header.width) * bits + 31) / 32 * 4;
    const auto rows = static_cast<std::uint64_t>(header.height);
    const std::uint32_t compression = compression_of(bytes);
    // Run lengths: two bytes stand for at most 255 pixels, and a line end takes two more.
    const std::uint64_t least = compression == kRle8 || compression == kRle4
                                    ? static_cast<std::uint64_t>(header.width) * rows / 255 * 2
                                    : row * rows;
    if (pixels_at + least > bytes.size()) refuse_image(subject, "BMP cut short");
}

}  // namespace georgia
