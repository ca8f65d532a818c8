#include <algorithm>
#include <bit>
#include <string>

#include "image/bmp_layout.h"
#include "image/header.h"

namespace georgia {
namespace {

enum Compression : std::uint32_t { kPlain = 0, kRle8 = 1, kRle4 = 2, kMasks = 3, kAlphaMasks = 6 };

constexpr std::uint64_t kFileHeader = 14;
constexpr std::uint32_t kOldHeader = 12;  // of OS/2; Windows begins at 40

/// The masks of a pixel of 16 or 32 bits: usual ones, or those behind or inside the header.
std::array<std::uint32_t, 4> masks_of(
    ByteSpan bytes, std::string_view subject, const BmpLayout& layout, std::uint32_t compression) {
    if (compression == kPlain)
        return layout.bits == 16
                   ? std::array<std::uint32_t, 4>{0x7C00, 0x03E0, 0x001F, 0}
                   : std::array<std::uint32_t, 4>{0x00FF0000, 0x0000FF00, 0x000000FF, 0};
    // From version 3 on (56 bytes) alpha has a mask too.
    const bool has_alpha = layout.header_size >= 56 || compression == kAlphaMasks;
    std::array<std::uint32_t, 4> masks{};
    const std::size_t count = has_alpha ? 4 : 3;
    if (bytes.size() < 54 + 4 * count) refuse_image(subject, "BMP cut short");
    std::uint32_t used = 0;
    for (std::size_t i = 0; i < count; ++i) {
        masks[i] = little_endian(bytes, 54 + 4 * i, 4);
        const std::uint32_t run = masks[i] >> (masks[i] == 0 ? 0 : std::countr_zero(masks[i]));
        const bool is_gapped = (run & (run + 1)) != 0;
        if ((masks[i] == 0 && i < 3) || is_gapped || (used & masks[i]) != 0)
            refuse_image(subject, "BMP with colour masks that are not read");
        used |= masks[i];
    }
    return masks;
}

}  // namespace

BmpLayout read_bmp_layout(ByteSpan bytes, std::string_view subject) {
    if (bytes.size() < kFileHeader + kOldHeader) refuse_image(subject, "BMP cut short");
    BmpLayout layout;
    layout.header_size = little_endian(bytes, 14, 4);
    const bool is_old = layout.header_size == kOldHeader;
    if (!is_old && (layout.header_size < 40 || layout.header_size > 124))
        refuse_image(subject, "BMP of an unknown kind");
    if (bytes.size() < kFileHeader + layout.header_size) refuse_image(subject, "BMP cut short");
    std::uint32_t compression = kPlain;
    if (is_old) {
        layout.width = little_endian(bytes, 18, 2);
        layout.height = little_endian(bytes, 20, 2);
        layout.bits = little_endian(bytes, 24, 2);
        layout.palette_entry = 3;
    } else {
        layout.width = static_cast<std::int32_t>(little_endian(bytes, 18, 4));
        layout.height = static_cast<std::int32_t>(little_endian(bytes, 22, 4));
        layout.is_top_down = layout.height < 0;
        layout.height = std::abs(layout.height);
        layout.bits = little_endian(bytes, 28, 2);
        compression = little_endian(bytes, 30, 4);
        layout.palette_colours = little_endian(bytes, 46, 4);
    }
    const std::uint32_t bits = layout.bits;
    if (bits != 1 && bits != 4 && bits != 8 && bits != 16 && bits != 24 && bits != 32)
        refuse_image(subject, "BMP with " + std::to_string(bits) + " bits a pixel");
    if (compression == kRle8 || compression == kRle4)
        refuse_image(subject, "run-length compressed BMP, which is not read");
    const bool has_masks = compression == kMasks || compression == kAlphaMasks;
    if (compression != kPlain && !(has_masks && (bits == 16 || bits == 32)))
        refuse_image(subject, "BMP with a compression that is not read");
    if (bits == 16 || bits == 32) layout.masks = masks_of(bytes, subject, layout, compression);

    layout.pixels_at = little_endian(bytes, 10, 4);
    const std::uint64_t mask_bytes =
        has_masks && layout.header_size == 40 ? (compression == kAlphaMasks ? 16 : 12) : 0;
    layout.palette_at = kFileHeader + layout.header_size + mask_bytes;
    if (bits <= 8 && layout.palette_colours == 0) layout.palette_colours = 1u << bits;
    if (bits > 8) layout.palette_colours = 0;
    if (layout.palette_colours > (1u << std::min(bits, 8u)))
        refuse_image(subject, "BMP damaged: more colours than its pixels can name");
    const std::uint64_t palette_bytes =
        std::uint64_t{layout.palette_colours} * layout.palette_entry;
    if (layout.pixels_at < layout.palette_at + palette_bytes)
        refuse_image(subject, "BMP damaged: pixels inside its header");
    return layout;
}

ImageHeader read_bmp_header(ByteSpan bytes, std::string_view subject) {
    const BmpLayout layout = read_bmp_layout(bytes, subject);
    ImageHeader header;
    header.format = Format::kBmp;
    header.height = layout.height;
    header.width = layout.width;
    header.bits = layout.bits < 8 ? static_cast<int>(layout.bits) : 8;
    header.has_alpha = layout.masks[3] != 0;
    return header;
}

void walk_bmp(ByteSpan bytes, std::string_view subject) {
    const BmpLayout layout = read_bmp_layout(bytes, subject);
    const std::uint64_t pixels = layout.row_bytes() * static_cast<std::uint64_t>(layout.height);
    if (little_endian(bytes, 2, 4) > bytes.size() || layout.pixels_at + pixels > bytes.size())
        refuse_image(subject, "BMP cut short");
}

}  // namespace georgia
