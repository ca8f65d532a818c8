#include <algorithm>
#include <array>
#include <libdeflate.h>
#include <string>

#include "image/header.h"
#include "image/png_layout.h"

namespace georgia {
namespace {

constexpr std::size_t kSignature = 8;
constexpr std::size_t kFrame = 12;  // length, type and checksum around a chunk's data

constexpr std::uint32_t type_of(std::string_view name) {
    std::uint32_t value = 0;
    for (const char letter : name) value = (value << 8) | static_cast<std::uint8_t>(letter);
    return value;
}

struct Chunk {
    std::uint32_t type = 0;
    ByteSpan data;
    std::size_t next = 0;  ///< where the following one begins

    bool is_ancillary() const {
        return (type & 0x20000000) != 0;  // its name begins with a small letter
    }
};

/// The chunk that begins at a place within the file, lengths checked.
Chunk chunk_at(ByteSpan bytes, std::size_t at, std::string_view subject) {
    if (at + kFrame > bytes.size()) refuse_image(subject, "PNG cut short");
    const std::size_t length = big_endian(bytes, at, 4);
    if (length > bytes.size() - at - kFrame) refuse_image(subject, "PNG cut short");
    return {big_endian(bytes, at + 4, 4), bytes.subspan(at + 8, length), at + kFrame + length};
}

bool is_known_kind(int colour, std::uint32_t bits) {
    switch (colour) {
        case PngLayout::kGray:
            return bits == 1 || bits == 2 || bits == 4 || bits == 8 || bits == 16;
        case PngLayout::kPalette:
            return bits == 1 || bits == 2 || bits == 4 || bits == 8;
        case PngLayout::kRgb:
        case PngLayout::kGrayAlpha:
        case PngLayout::kRgba:
            return bits == 8 || bits == 16;
        default:
            return false;
    }
}

/// True for a tRNS chunk that counts: before the pixels, behind the palette if there is one, and of
/// the right length. Others mean nothing (PNG specification, section 11.3).
bool is_transparency(const PngLayout& layout, const Chunk& chunk) {
    if (chunk.type != type_of("tRNS") || !layout.data.empty() || !layout.transparency.empty())
        return false;
    const std::size_t size = chunk.data.size();
    if (layout.colour == PngLayout::kPalette) return size > 0 && size <= layout.palette.size() / 3;
    return (layout.colour == PngLayout::kGray && size == 2) ||
           (layout.colour == PngLayout::kRgb && size == 6);
}

/// Takes up what a chunk says of the pixels.
void take_up(const Chunk& chunk, PngLayout& layout) {
    if (chunk.type == type_of("PLTE") && layout.palette.empty() && layout.data.empty())
        layout.palette = chunk.data;
    if (is_transparency(layout, chunk)) layout.transparency = chunk.data;
    if (chunk.type == type_of("IDAT")) layout.data.push_back(chunk.data);
}

PngLayout layout_of_header(ByteSpan bytes) {
    PngLayout layout;
    layout.width = big_endian(bytes, 16, 4);
    layout.height = big_endian(bytes, 20, 4);
    layout.bits = bytes[24];
    layout.colour = bytes[25];
    layout.is_interlaced = bytes[28] == 1;
    return layout;
}

void check_layout(const PngLayout& layout, std::string_view subject) {
    if (layout.colour == PngLayout::kPalette &&
        (layout.palette.empty() || layout.palette.size() % 3 != 0 ||
         layout.palette.size() / 3 > (std::size_t{1} << layout.bits)))
        refuse_image(subject, "PNG damaged: a palette that does not fit");
    std::uint64_t compressed = 0;
    for (const ByteSpan data : layout.data) compressed += data.size();
    // No byte of deflate stands for more than 1032 bytes of pixels.
    if (compressed * 1032 < raw_size(layout))
        refuse_image(subject, "PNG with too little data for its size");
}

}  // namespace

std::vector<PngPass> passes_of(const PngLayout& layout) {
    if (!layout.is_interlaced) return {PngPass{}};
    std::vector<PngPass> passes{
        {0, 0, 8, 8},
        {4, 0, 8, 8},
        {0, 4, 4, 8},
        {2, 0, 4, 4},
        {0, 2, 2, 4},
        {1, 0, 2, 2},
        {0, 1, 1, 2}};
    std::erase_if(passes, [&](const PngPass& pass) {
        return pass.first_x >= layout.width || pass.first_y >= layout.height;
    });
    return passes;
}

std::uint64_t raw_size(const PngLayout& layout) {
    std::uint64_t size = 0;
    for (const PngPass& pass : passes_of(layout))
        size += std::uint64_t{pass.rows(layout)} * (layout.row_bytes(pass.columns(layout)) + 1);
    return size;
}

PngLayout read_png_layout(ByteSpan bytes) {
    PngLayout layout = layout_of_header(bytes);
    for (std::size_t at = kSignature;;) {
        const Chunk chunk = chunk_at(bytes, at, "");
        if (chunk.type == type_of("IEND")) return layout;
        take_up(chunk, layout);
        at = chunk.next;
    }
}

ImageHeader read_png_header(ByteSpan bytes, std::string_view subject) {
    const Chunk chunk = chunk_at(bytes, kSignature, subject);
    if (chunk.type != type_of("IHDR") || chunk.data.size() != 13)
        refuse_image(subject, "PNG without a header");
    const PngLayout layout = layout_of_header(bytes);
    const bool is_known = is_known_kind(layout.colour, layout.bits) && chunk.data[10] == 0 &&
                          chunk.data[11] == 0 && chunk.data[12] <= 1;
    if (!is_known || layout.width > 0x7FFFFFFF || layout.height > 0x7FFFFFFF)
        refuse_image(subject, "PNG damaged: a header of no known kind");
    ImageHeader header;
    header.format = Format::kPng;
    header.width = layout.width;
    header.height = layout.height;
    header.bits = static_cast<int>(layout.bits);
    header.is_gray = layout.colour == PngLayout::kGray;
    header.has_alpha = layout.has_alpha();
    return header;
}

void walk_png(ByteSpan bytes, std::string_view subject, ImageHeader& header) {
    PngLayout layout = layout_of_header(bytes);
    std::size_t at = kSignature;
    for (bool is_first = true;; is_first = false) {
        const Chunk chunk = chunk_at(bytes, at, subject);
        const ByteSpan summed = bytes.subspan(at + 4, chunk.data.size() + 4);
        if (libdeflate_crc32(0, summed.data(), summed.size()) !=
            big_endian(bytes, chunk.next - 4, 4))
            refuse_image(subject, "PNG damaged: a checksum does not fit its data");
        const bool is_critical = chunk.type == type_of("PLTE") || chunk.type == type_of("IDAT") ||
                                 chunk.type == type_of("IEND") ||
                                 (chunk.type == type_of("IHDR") && is_first);
        if (!chunk.is_ancillary() && !is_critical)
            refuse_image(subject, "PNG with a piece that is not known and cannot be left out");
        take_up(chunk, layout);
        if (chunk.type == type_of("eXIf")) {
            const Exif exif = exif_of(chunk.data);
            header.orientation = exif.orientation;
            header.taken = exif.taken;
        }
        if (chunk.type == type_of("acTL") && chunk.data.size() >= 4)
            header.frames = std::max<std::int64_t>(header.frames, big_endian(chunk.data, 0, 4));
        header.chunks += chunk.is_ancillary() ? 1 : 0;
        at = chunk.next;
        if (chunk.type == type_of("IEND")) break;
    }
    header.has_alpha = layout.has_alpha();
    check_layout(layout, subject);
}

}  // namespace georgia
