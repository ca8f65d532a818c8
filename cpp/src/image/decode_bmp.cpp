#include "image/decode_bmp.h"

#include <bit>
#include <string>
#include <vector>

#include "image/bmp_layout.h"
#include "image/narrow.h"

namespace georgia {
namespace {

/// The part of a pixel under a mask, scaled so that a full mask is 255; cut, as other readers do.
std::uint8_t under_mask(std::uint32_t pixel, std::uint32_t mask) {
    const int shift = std::countr_zero(mask);
    const std::uint64_t part = (pixel & mask) >> shift;
    return static_cast<std::uint8_t>(part * 255 / (mask >> shift));
}

/// Rows of pixels that name colours of a palette.
void paint_palette(
    ByteSpan bytes, std::string_view subject, const BmpLayout& layout, Image& image) {
    for (int y = 0; y < image.height; ++y) {
        const auto from_top =
            static_cast<std::uint64_t>(layout.is_top_down ? y : image.height - 1 - y);
        const std::uint8_t* row = bytes.data() + layout.pixels_at + from_top * layout.row_bytes();
        std::uint8_t* target = image.pixels.data() + static_cast<std::size_t>(y) *
                                                         static_cast<std::size_t>(image.width) * 3;
        for (std::uint32_t x = 0; x < static_cast<std::uint32_t>(image.width); ++x, target += 3) {
            const std::uint32_t colour = packed_sample(row, x, layout.bits);
            if (colour >= layout.palette_colours)
                refuse_image(subject, "BMP damaged: a pixel names no colour of its palette");
            const std::uint8_t* entry =
                bytes.data() + layout.palette_at + std::size_t{colour} * layout.palette_entry;
            target[0] = entry[2];
            target[1] = entry[1];
            target[2] = entry[0];
        }
    }
}

/// Rows of pixels that hold their colours, in 16, 24 or 32 bits.
void paint_colours(ByteSpan bytes, const BmpLayout& layout, Image& image) {
    const std::uint32_t size = layout.bits / 8;
    const auto channels = static_cast<std::size_t>(image.channels);
    for (int y = 0; y < image.height; ++y) {
        const auto from_top =
            static_cast<std::uint64_t>(layout.is_top_down ? y : image.height - 1 - y);
        std::size_t at = layout.pixels_at + from_top * layout.row_bytes();
        std::uint8_t* target = image.pixels.data() + static_cast<std::size_t>(y) *
                                                         static_cast<std::size_t>(image.width) *
                                                         channels;
        for (int x = 0; x < image.width; ++x, at += size, target += channels) {
            if (size == 3) {
                target[0] = bytes[at + 2];
                target[1] = bytes[at + 1];
                target[2] = bytes[at];
                continue;
            }
            const std::uint32_t pixel = little_endian(bytes, at, size);
            for (std::size_t c = 0; c < channels; ++c)
                target[c] = under_mask(pixel, layout.masks[c]);
        }
    }
}

}  // namespace

Image decode_bmp(ByteSpan bytes, std::string_view subject, const ImageHeader& header) {
    const BmpLayout layout = read_bmp_layout(bytes, subject);
    Image image(
        static_cast<int>(header.height), static_cast<int>(header.width), header.has_alpha ? 4 : 3);
    if (layout.bits <= 8)
        paint_palette(bytes, subject, layout, image);
    else
        paint_colours(bytes, layout, image);
    return image;
}

}  // namespace georgia
