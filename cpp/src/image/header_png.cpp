#include <algorithm>
#include <string>

#include "georgia/base/crc32.h"

#include "image/header.h"

namespace georgia {
namespace {

constexpr std::size_t kSignature = 8;
constexpr std::size_t kFrame = 12;                // length, type and checksum around a chunk's data
constexpr std::uint32_t kAncillary = 0x20000000;  // the chunk's name begins with a small letter

constexpr std::uint32_t chunk_type(std::string_view name) {
    std::uint32_t value = 0;
    for (const char letter : name) value = (value << 8) | static_cast<std::uint8_t>(letter);
    return value;
}

/// Bytes that the compressed data stand for, at least: interlacing only adds to them.
std::uint64_t raw_size(ByteSpan bytes, const ImageHeader& header) {
    const int colour = bytes[25];
    const std::uint64_t samples = colour == 2 ? 3 : colour == 4 ? 2 : colour == 6 ? 4 : 1;
    const auto width = static_cast<std::uint64_t>(header.width);
    const std::uint64_t row = (width * samples * bytes[24] + 7) / 8 + 1;  // with its filter's byte
    return row * static_cast<std::uint64_t>(header.height);
}

/// Tells which tRNS chunk counts: one before the pixels, behind the palette if there is one, and of
/// the right length. libpng ignores others and says so on the terminal.
class Transparency {
  public:
    explicit Transparency(int colour) : colour_(colour) {}

    /// To be called for every chunk in order.
    bool is_here(std::uint32_t type, std::size_t length) {
        if (type == chunk_type("PLTE")) palette_ = length / 3;
        if (type == chunk_type("IDAT")) is_over_ = true;
        if (type != chunk_type("tRNS") || is_over_) return false;
        is_over_ = colour_ == 3   ? palette_ > 0 && length > 0 && length <= palette_
                   : colour_ == 2 ? length == 6
                                  : colour_ == 0 && length == 2;
        return is_over_;
    }

  private:
    int colour_;
    std::size_t palette_ = 0;
    bool is_over_ = false;
};

}  // namespace

ImageHeader read_png_header(ByteSpan bytes, std::string_view subject) {
    if (bytes.size() < kSignature + kFrame + 13) refuse_image(subject, "PNG cut short");
    if (big_endian(bytes, 8, 4) != 13 || big_endian(bytes, 12, 4) != chunk_type("IHDR"))
        refuse_image(subject, "PNG without a header");
    ImageHeader header;
    header.format = Format::kPng;
    header.width = big_endian(bytes, 16, 4);
    header.height = big_endian(bytes, 20, 4);
    header.bits = bytes[24];
    const int colour = bytes[25];
    header.is_gray = colour == 0;
    header.has_alpha = colour == 4 || colour == 6;
    return header;
}

void walk_png(ByteSpan bytes, std::string_view subject, ImageHeader& header) {
    std::uint64_t compressed = 0;
    Transparency transparency(bytes[25]);
    for (std::size_t at = kSignature; at + kFrame <= bytes.size();) {
        const std::size_t length = big_endian(bytes, at, 4);
        if (length > bytes.size() - at - kFrame) refuse_image(subject, "PNG cut short");
        const std::uint32_t type = big_endian(bytes, at + 4, 4);
        if (crc32(bytes.subspan(at + 4, length + 4)) != big_endian(bytes, at + 8 + length, 4))
            refuse_image(subject, "PNG damaged: a checksum does not fit its data");
        const ByteSpan data = bytes.subspan(at + 8, length);
        if (type == chunk_type("IDAT")) compressed += length;
        if (transparency.is_here(type, length)) {
            if (header.is_gray) refuse_image(subject, "gray PNG with a transparent level");
            header.has_alpha = true;
        }
        if (type == chunk_type("eXIf")) header.orientation = exif_orientation(data);
        if (type == chunk_type("acTL") && length >= 4)
            header.frames = std::max<std::int64_t>(header.frames, big_endian(data, 0, 4));
        header.chunks += (type & kAncillary) != 0 ? 1 : 0;
        at += kFrame + length;
        if (type != chunk_type("IEND")) continue;
        // No byte of deflate stands for more than 1032 bytes of pixels.
        if (compressed * 1032 < raw_size(bytes, header))
            refuse_image(subject, "PNG with too little data for its size");
        return;
    }
    refuse_image(subject, "PNG cut short");
}

Bytes without_metadata(ByteSpan png) {
    Bytes lean(png.begin(), png.begin() + kSignature);
    Transparency transparency(png[25]);
    for (std::size_t at = kSignature; at + kFrame <= png.size();) {
        const std::size_t size = kFrame + big_endian(png, at, 4);
        const std::uint32_t type = big_endian(png, at + 4, 4);
        const ByteSpan chunk = png.subspan(at, size);
        if (transparency.is_here(type, size - kFrame) || (type & kAncillary) == 0)
            lean.insert(lean.end(), chunk.begin(), chunk.end());
        if (type == chunk_type("IEND")) break;
        at += size;
    }
    return lean;
}

}  // namespace georgia
