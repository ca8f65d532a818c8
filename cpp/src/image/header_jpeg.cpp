#include <cstring>
#include <set>
#include <string>

#include "image/header.h"

namespace georgia {
namespace {

constexpr int kStartOfScan = 0xDA;
constexpr int kEndOfImage = 0xD9;

/// True for the markers that carry the frame's size (SOF0 to SOF15 without DHT, JPG and DAC).
bool is_start_of_frame(int marker) {
    return marker >= 0xC0 && marker <= 0xCF && marker != 0xC4 && marker != 0xC8 && marker != 0xCC;
}

bool is_metadata(int marker) {
    return (marker >= 0xE0 && marker <= 0xEF) || marker == 0xFE;
}

/// A marker with its data, length excluded.
struct Segment {
    int marker = 0;
    ByteSpan data;
    std::size_t next = 0;  ///< the byte behind it
};

/// The segment that begins at a place; the end of the image is a segment without data.
Segment segment_at(ByteSpan bytes, std::size_t at, std::string_view subject) {
    while (at + 1 < bytes.size() && bytes[at] == 0xFF && bytes[at + 1] == 0xFF) ++at;  // fill bytes
    if (at + 2 > bytes.size()) refuse_image(subject, "JPEG cut short");
    const int marker = bytes[at + 1];
    if (bytes[at] != 0xFF || marker < 0xC0 || (marker >= 0xD0 && marker <= 0xD8))
        refuse_image(subject, "JPEG damaged: a broken marker");
    if (marker == kEndOfImage) return {marker, {}, at + 2};
    if (at + 4 > bytes.size()) refuse_image(subject, "JPEG cut short");
    const std::size_t length = big_endian(bytes, at + 2, 2);
    if (length < 2) refuse_image(subject, "JPEG damaged: a broken marker");
    if (length > bytes.size() - at - 2) refuse_image(subject, "JPEG cut short");
    return {marker, bytes.subspan(at + 4, length - 2), at + 2 + length};
}

/// The marker that ends the coded data which begin at a place.
std::size_t end_of_scan(ByteSpan bytes, std::size_t at, std::string_view subject) {
    while (at + 1 < bytes.size()) {
        const void* found = std::memchr(bytes.data() + at, 0xFF, bytes.size() - 1 - at);
        if (found == nullptr) break;
        at = static_cast<std::size_t>(static_cast<const std::uint8_t*>(found) - bytes.data());
        const int next = bytes[at + 1];
        const bool is_data = next == 0 || next == 0xFF || (next >= 0xD0 && next <= 0xD7);
        if (!is_data) return at;
        at += next == 0xFF ? 1 : 2;
    }
    refuse_image(subject, "JPEG cut short");
}

Exif exif_in(const Segment& segment) {
    constexpr std::string_view kExif("Exif\0\0", 6);
    if (segment.marker != 0xE1 || segment.data.size() < kExif.size() ||
        std::memcmp(segment.data.data(), kExif.data(), kExif.size()) != 0)
        return {};
    return exif_of(segment.data.subspan(kExif.size()));
}

/// Names of the frame's components.
std::set<std::uint8_t> components_of(const Segment& frame) {
    std::set<std::uint8_t> names;
    for (std::size_t at = 6; at < frame.data.size(); at += 3) names.insert(frame.data[at]);
    return names;
}

void remove_scanned(const Segment& scan, std::set<std::uint8_t>& missing) {
    const std::size_t count = scan.data.empty() ? 0 : scan.data[0];
    for (std::size_t i = 0; i < count && 1 + 2 * i < scan.data.size(); ++i)
        missing.erase(scan.data[1 + 2 * i]);
}

void check_kind(const Segment& frame, std::string_view subject) {
    if (frame.data.size() < 6) refuse_image(subject, "JPEG damaged: a broken frame header");
    if (frame.data[0] != 8)
        refuse_image(subject, std::to_string(frame.data[0]) + "-bit JPEG; only 8-bit is read");
    if (frame.marker > 0xC2)
        refuse_image(subject, "lossless, hierarchical or arithmetic JPEG, which is not read");
    if (frame.data[5] == 2 || frame.data[5] > 4)
        refuse_image(subject, "JPEG with " + std::to_string(frame.data[5]) + " components");
}

}  // namespace

ImageHeader read_jpeg_header(ByteSpan bytes, std::string_view subject) {
    for (std::size_t at = 2;;) {
        const Segment segment = segment_at(bytes, at, subject);
        at = segment.next;
        if (segment.marker == kEndOfImage || segment.marker == kStartOfScan)
            refuse_image(subject, "JPEG damaged: no size before its pixels");
        if (!is_start_of_frame(segment.marker)) continue;
        check_kind(segment, subject);
        ImageHeader header;
        header.format = Format::kJpeg;
        header.height = big_endian(segment.data, 1, 2);
        header.width = big_endian(segment.data, 3, 2);
        header.is_gray = segment.data[5] == 1;
        header.is_cmyk = segment.data[5] == 4;
        return header;
    }
}

void walk_jpeg(ByteSpan bytes, std::string_view subject, ImageHeader& header) {
    std::uint64_t coded = 0;
    std::set<std::uint8_t> missing;  // components without a scan yet
    header.scans = 0;
    std::size_t at = 2;
    for (Segment segment; segment.marker != kEndOfImage; at = segment.next) {
        segment = segment_at(bytes, at, subject);
        if (is_metadata(segment.marker)) ++header.chunks;
        const Exif exif = exif_in(segment);
        if (exif.orientation != 1) header.orientation = exif.orientation;
        if (!exif.taken.empty()) header.taken = exif.taken;
        if (is_start_of_frame(segment.marker)) missing = components_of(segment);
        if (segment.marker != kStartOfScan) continue;
        ++header.scans;
        remove_scanned(segment, missing);
        const std::size_t end = end_of_scan(bytes, segment.next, subject);
        coded += end - segment.next;
        segment.next = end;
    }
    if (!missing.empty()) refuse_image(subject, "JPEG damaged: a colour is missing");
    // A block of 8 x 8 samples takes one bit at least.
    const auto blocks =
        static_cast<std::uint64_t>(((header.height + 7) / 8) * ((header.width + 7) / 8));
    if (coded * 8 < blocks) refuse_image(subject, "JPEG with too little data for its size");
}

}  // namespace georgia
