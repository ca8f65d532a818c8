#include "image/header.h"

#include <algorithm>
#include <array>
#include <string>

#include "georgia/base/error.h"

namespace georgia {
namespace {

using Span = std::span<const std::uint8_t>;

constexpr std::array<std::uint8_t, 8> kPngMagic{0x89, 'P', 'N', 'G', '\r', '\n', 0x1A, '\n'};

[[noreturn]] void refuse(std::string_view subject, std::string_view wrong) {
    throw BadInput("read_image", subject, wrong);
}

bool starts_with(Span bytes, Span magic) {
    return bytes.size() >= magic.size() && std::equal(magic.begin(), magic.end(), bytes.begin());
}

std::uint32_t big(Span bytes, std::size_t at, std::size_t size) {
    std::uint32_t value = 0;
    for (std::size_t i = 0; i < size; ++i) value = (value << 8) | bytes[at + i];
    return value;
}

std::uint32_t little(Span bytes, std::size_t at, std::size_t size) {
    std::uint32_t value = 0;
    for (std::size_t i = size; i > 0; --i) value = (value << 8) | bytes[at + i - 1];
    return value;
}

ImageHeader png_header(Span bytes, std::string_view subject) {
    if (bytes.size() < 33 || big(bytes, 12, 4) != 0x49484452) refuse(subject, "PNG cut short");
    ImageHeader header{Format::kPng, big(bytes, 20, 4), big(bytes, 16, 4)};
    const int colour = bytes[25];
    header.is_gray = colour == 0;
    header.has_alpha = colour == 4 || colour == 6;
    // A tRNS chunk before the first IDAT makes any other colour type transparent.
    for (std::size_t at = 33; at + 12 <= bytes.size();) {
        const std::uint32_t type = big(bytes, at + 4, 4);
        if (type == 0x49444154) break;
        if (type == 0x74524E53) header.has_alpha = true;
        at += std::size_t{12} + big(bytes, at, 4);
    }
    return header;
}

/// True for the markers that carry the frame's size (SOF0 to SOF15 without DHT, JPG and DAC).
bool is_start_of_frame(int marker) {
    return marker >= 0xC0 && marker <= 0xCF && marker != 0xC4 && marker != 0xC8 && marker != 0xCC;
}

/// False for the markers that stand alone, and for 0, which is no marker.
bool has_length(int marker) {
    return marker >= 0xC0 && (marker < 0xD0 || marker > 0xD9);
}

ImageHeader jpeg_header(Span bytes, std::string_view subject) {
    std::size_t at = 2;
    while (at + 9 <= bytes.size()) {
        if (bytes[at] != 0xFF) refuse(subject, "JPEG with a broken marker");
        const int marker = bytes[at + 1];
        if (marker == 0xFF) {
            ++at;  // fill byte
            continue;
        }
        if (!has_length(marker) || big(bytes, at + 2, 2) < 2)
            refuse(subject, "JPEG with a broken marker");
        if (is_start_of_frame(marker)) {
            if (bytes[at + 4] != 8) refuse(subject, "JPEG with other than 8 bits a sample");
            ImageHeader header{Format::kJpeg, big(bytes, at + 5, 2), big(bytes, at + 7, 2)};
            if (at + 9 < bytes.size()) header.is_gray = bytes[at + 9] == 1;
            return header;
        }
        at += std::size_t{2} + big(bytes, at + 2, 2);
    }
    refuse(subject, "JPEG cut short before its size");
}

ImageHeader bmp_header(Span bytes, std::string_view subject) {
    if (bytes.size() < 30) refuse(subject, "BMP cut short");
    const bool is_old = little(bytes, 14, 4) == 12;
    const auto height =
        static_cast<std::int32_t>(is_old ? little(bytes, 20, 2) : little(bytes, 22, 4));
    ImageHeader header{Format::kBmp, height < 0 ? -std::int64_t{height} : height};
    header.width = is_old ? little(bytes, 18, 2) : little(bytes, 18, 4);
    if (little(bytes, 2, 4) > bytes.size()) refuse(subject, "BMP cut short");
    return header;
}

ImageHeader tiff_header(Span bytes, std::string_view subject) {
    const auto number = bytes[0] == 'I' ? little : big;
    if (bytes.size() < 8) refuse(subject, "TIFF cut short");
    const std::size_t table = number(bytes, 4, 4);
    if (table + 2 > bytes.size()) refuse(subject, "TIFF cut short");
    const std::size_t entries = number(bytes, table, 2);
    if (table + 2 + 12 * entries + 4 > bytes.size()) refuse(subject, "TIFF cut short");
    ImageHeader header{Format::kTiff};
    std::uint32_t last_tag = 0;
    for (std::size_t entry = table + 2; entry < table + 2 + 12 * entries; entry += 12) {
        const std::uint32_t tag = number(bytes, entry, 2);
        const std::uint32_t type = number(bytes, entry + 2, 2);
        if (tag <= last_tag) refuse(subject, "TIFF with tags out of order or repeated");
        last_tag = tag;
        if ((tag == 256 || tag == 257) && type != 3 && type != 4)
            refuse(subject, "TIFF with a size of unknown type");
        const std::size_t value_size = type == 3 ? 2 : 4;
        const std::uint32_t value = number(bytes, entry + 8, value_size);
        if (tag == 256) header.width = value;
        if (tag == 257) header.height = value;
        if (tag == 262) header.is_gray = value <= 1;
        if (tag == 338) header.has_alpha = true;
        if (tag == 338 && value == 2) header.straight_alpha_at = entry + (bytes[0] == 'I' ? 8 : 9);
    }
    if (number(bytes, table + 2 + 12 * entries, 4) != 0) refuse(subject, "TIFF with several pages");
    if (header.is_gray && header.has_alpha) refuse(subject, "gray TIFF with alpha, not supported");
    return header;
}

void require_whole_png(Span bytes, std::string_view subject) {
    std::size_t at = kPngMagic.size();
    while (at + 12 <= bytes.size()) {
        const std::uint32_t type = big(bytes, at + 4, 4);
        at += std::size_t{12} + big(bytes, at, 4);
        if (type == 0x49454E44 && at <= bytes.size()) return;
    }
    refuse(subject, "PNG cut short");
}

/// The end marker is looked for behind the header's segments, for a thumbnail among them has its
/// own; it need not come last, because some cameras append data.
void require_whole_jpeg(Span bytes, std::string_view subject) {
    std::size_t at = 2;
    while (at + 4 <= bytes.size()) {
        if (bytes[at] != 0xFF) refuse(subject, "JPEG with a broken marker");
        const int marker = bytes[at + 1];
        if (marker == 0xFF) {
            ++at;
            continue;
        }
        if (!has_length(marker)) refuse(subject, "JPEG with a broken marker");
        at += std::size_t{2} + big(bytes, at + 2, 2);
        if (marker != 0xDA || at > bytes.size()) continue;  // not yet the start of a scan
        constexpr std::array<std::uint8_t, 2> kEnd{0xFF, 0xD9};
        const Span scan = bytes.subspan(at);
        if (std::search(scan.begin(), scan.end(), kEnd.begin(), kEnd.end()) != scan.end()) return;
        break;
    }
    refuse(subject, "JPEG cut short");
}

}  // namespace

ImageHeader read_header(Span bytes, std::string_view subject) {
    constexpr std::array<std::uint8_t, 3> kJpeg{0xFF, 0xD8, 0xFF};
    constexpr std::array<std::uint8_t, 2> kBmp{'B', 'M'};
    constexpr std::array<std::uint8_t, 4> kTiffLittle{'I', 'I', 42, 0};
    constexpr std::array<std::uint8_t, 4> kTiffBig{'M', 'M', 0, 42};
    if (starts_with(bytes, kPngMagic)) return png_header(bytes, subject);
    if (starts_with(bytes, kJpeg)) return jpeg_header(bytes, subject);
    if (starts_with(bytes, kTiffLittle) || starts_with(bytes, kTiffBig))
        return tiff_header(bytes, subject);
    if (starts_with(bytes, kBmp)) return bmp_header(bytes, subject);
    throw BadInput(
        "read_image",
        subject,
        bytes.empty() ? "the file is empty" : "not an image this program reads",
        "the first bytes of a PNG, JPEG, BMP or TIFF file");
}

void require_complete(Span bytes, Format format, std::string_view subject) {
    if (format == Format::kPng) require_whole_png(bytes, subject);
    if (format == Format::kJpeg) require_whole_jpeg(bytes, subject);
}

}  // namespace georgia
