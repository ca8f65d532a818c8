#include "image/header.h"

#include <algorithm>
#include <array>
#include <string>

namespace georgia {
namespace {

using namespace std::string_view_literals;

bool has(ByteSpan bytes, std::size_t at, std::string_view magic) {
    return bytes.size() >= at + magic.size() &&
           std::equal(
               magic.begin(),
               magic.end(),
               bytes.begin() + static_cast<std::ptrdiff_t>(at),
               [](char left, std::uint8_t right) {
                   return static_cast<std::uint8_t>(left) == right;
               });
}

/// Formats that people have and this program does not read.
struct Foreign {
    std::size_t at;
    std::string_view magic;
    std::string_view name;
};
constexpr std::array kForeign{
    Foreign{0, "GIF8"sv, "a GIF image"},
    Foreign{8, "WEBP"sv, "a WebP image"},
    Foreign{4, "ftypavif"sv, "an AVIF image"},
    Foreign{4, "ftyphei"sv, "a HEIF image"},
    Foreign{4, "ftypmif1"sv, "a HEIF image"},
    Foreign{4, "jP  "sv, "a JPEG 2000 image"},
    Foreign{0, "\xFF\x4F\xFF\x51"sv, "a JPEG 2000 image"},
    Foreign{0, "\xFF\x0A"sv, "a JPEG XL image"},
    Foreign{4, "JXL "sv, "a JPEG XL image"},
    Foreign{0, "II\x2B\0"sv, "a BigTIFF image"},
    Foreign{0, "MM\0\x2B"sv, "a BigTIFF image"},
    Foreign{0, "8BPS"sv, "a Photoshop document"},
    Foreign{0, "\x76\x2F\x31\x01"sv, "an OpenEXR image"},
    Foreign{128, "DICM"sv, "a DICOM image"},
    Foreign{0, "%PDF"sv, "a PDF document"},
    Foreign{0, "ZISRAWFILE"sv, "a Zeiss CZI file"},
    Foreign{0, "\xDA\xCE\xBE\x0A"sv, "a Nikon ND2 file"},
    Foreign{0, "\x89HDF"sv, "an HDF5 file"},
    Foreign{0, "PK\x03\x04"sv, "a ZIP archive"},
    Foreign{0, "version https://git-lfs"sv, "a Git LFS pointer; the image itself was not fetched"}};

std::string_view foreign_name(ByteSpan bytes) {
    if (bytes.empty()) return "the file is empty";
    for (const Foreign& format : kForeign)
        if (has(bytes, format.at, format.magic)) return format.name;
    return "not an image this program reads";
}

void check_at_most(
    std::string_view subject,
    std::string_view wrong,
    std::int64_t limit,
    std::string_view unit,
    std::int64_t value) {
    if (value <= limit) return;
    throw BadInput(
        "read_image",
        subject,
        wrong,
        "at most " + std::to_string(limit) + std::string(unit),
        std::to_string(value));
}

void check_size(const ImageHeader& header, std::string_view subject, const DecodeLimits& limits) {
    const std::string size = std::to_string(header.width) + " x " + std::to_string(header.height);
    if (header.width < 1 || header.height < 1)
        throw BadInput("read_image", subject, "the header states no size", "at least 1 x 1", size);
    if (std::max(header.width, header.height) > limits.max_side)
        throw BadInput(
            "read_image",
            subject,
            "the image is too large",
            "at most " + std::to_string(limits.max_side) + " pixels a side",
            size);
    if (header.width * header.height > limits.max_pixels)
        throw BadInput(
            "read_image",
            subject,
            "the image is too large",
            "at most " + std::to_string(limits.max_pixels) + " pixels",
            size);
}

ImageHeader read_header(ByteSpan bytes, std::string_view subject) {
    if (has(bytes, 0, "\x89PNG\r\n\x1A\n")) return read_png_header(bytes, subject);
    if (has(bytes, 0, "\xFF\xD8\xFF")) return read_jpeg_header(bytes, subject);
    if (has(bytes, 0, "II*\0"sv) || has(bytes, 0, "MM\0*"sv))
        return read_tiff_header(bytes, subject);
    if (has(bytes, 0, "BM")) return read_bmp_header(bytes, subject);
    throw BadInput(
        "read_image",
        subject,
        foreign_name(bytes),
        "the first bytes of a PNG, JPEG, BMP or TIFF file");
}

void walk(
    ByteSpan bytes, std::string_view subject, const DecodeLimits& limits, ImageHeader& header) {
    if (header.format == Format::kPng) walk_png(bytes, subject, header);
    if (header.format == Format::kJpeg) walk_jpeg(bytes, subject, header);
    if (header.format == Format::kBmp) walk_bmp(bytes, subject);
    if (header.format == Format::kTiff) walk_tiff(bytes, subject, limits, header);
}

}  // namespace

ImageHeader check_header(ByteSpan bytes, std::string_view subject, const DecodeLimits& limits) {
    check_at_most(
        subject,
        "the file is too large",
        limits.max_bytes,
        " bytes",
        static_cast<std::int64_t>(bytes.size()));
    ImageHeader header = read_header(bytes, subject);
    check_size(header, subject, limits);
    walk(bytes, subject, limits, header);
    const bool is_tiff = header.format == Format::kTiff;
    check_at_most(
        subject,
        is_tiff ? "a multi-page TIFF" : "an animated PNG",
        limits.max_frames,
        is_tiff ? " page" : " frame",
        header.frames);
    check_at_most(subject, "too many progressive scans", limits.max_scans, "", header.scans);
    check_at_most(subject, "too much metadata", limits.max_chunks, " pieces", header.chunks);
    return header;
}

}  // namespace georgia
