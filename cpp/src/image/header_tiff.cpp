#include <algorithm>
#include <array>
#include <numeric>
#include <string>

#include "image/header.h"
#include "image/tiff_directory.h"

namespace georgia {
namespace {

enum Tag : std::uint32_t {
    kWidth = 256,
    kHeight = 257,
    kBitsPerSample = 258,
    kCompression = 259,
    kPhotometric = 262,
    kStripOffsets = 273,
    kOrientation = 274,
    kSamplesPerPixel = 277,
    kStripByteCounts = 279,
    kPlanar = 284,
    kColorMap = 320,
    kTileWidth = 322,
    kTileHeight = 323,
    kTileOffsets = 324,
    kTileByteCounts = 325,
    kInkSet = 332,
    kExtraSamples = 338,
    kSampleFormat = 339
};

enum Photometric : std::uint32_t { kWhiteIsZero, kBlackIsZero, kRgb, kPalette, kSeparated = 5 };

/// A compression that is read, and how many bytes one of its bytes can stand for at most.
struct Compression {
    std::uint32_t code;
    std::uint64_t largest_ratio;
};
constexpr std::array kCompressions{
    Compression{1, 1},         // none
    Compression{5, 2800},      // LZW: 12 bits name at most 4 kB
    Compression{8, 1032},      // deflate
    Compression{32946, 1032},  // deflate, the older number
    Compression{32773, 64}};   // PackBits

TiffDirectory directory_of(ByteSpan bytes, std::string_view subject) {
    auto directory = TiffDirectory::first(bytes);
    if (!directory) refuse_image(subject, "TIFF cut short or damaged");
    if (!directory->is_ordered()) refuse_image(subject, "TIFF with tags out of order or repeated");
    return *std::move(directory);
}

void check_samples(const TiffDirectory& directory, std::string_view subject) {
    for (const std::uint32_t format : directory.values(kSampleFormat)) {
        if (format == 2) refuse_image(subject, "TIFF with signed samples, which are not read");
        if (format == 3) refuse_image(subject, "TIFF with float samples, which are not read");
        if (format > 3) refuse_image(subject, "TIFF with samples that are not read");
    }
    const auto bits = directory.values(kBitsPerSample);
    const std::uint32_t first = bits.empty() ? 1 : bits.front();
    if (!std::ranges::all_of(bits, [&](std::uint32_t b) { return b == first; }))
        refuse_image(subject, "TIFF with channels of different depth");
    if (first != 1 && first != 2 && first != 4 && first != 8 && first != 16)
        refuse_image(subject, std::to_string(first) + "-bit TIFF; 1, 2, 4, 8 and 16 bits are read");
}

void check_channels(const TiffDirectory& directory, std::string_view subject) {
    const std::uint32_t kind = directory.value(kPhotometric, 99);
    const std::uint32_t samples = directory.value(kSamplesPerPixel, 1);
    const std::size_t extra = directory.values(kExtraSamples).size();
    const std::uint32_t colours = kind == kRgb ? 3 : kind == kSeparated ? 4 : 1;
    if (kind > kPalette && kind != kSeparated)
        refuse_image(subject, "TIFF in a colour model that is not read");
    if (samples != colours + extra || extra > 1 || (extra == 1 && kind > kRgb))
        refuse_image(subject, "TIFF with channels beside gray, RGB, alpha or CMYK");
    if (kind == kSeparated && directory.value(kInkSet, 1) != 1)
        refuse_image(subject, "TIFF with inks other than CMYK");
    const std::uint32_t bits = directory.value(kBitsPerSample, 1);
    if (bits < 8 && samples > 1) refuse_image(subject, "TIFF in colour with less than 8 bits");
    if (kind == kPalette && bits < 16 && directory.values(kColorMap).size() != 3u << bits)
        refuse_image(subject, "TIFF damaged: a palette of the wrong size");
    if (bits == 16 && kind == kPalette) refuse_image(subject, "TIFF with a palette of 16 bits");
}

/// Tiles may pad the image to their size, but not to many times its own.
void check_tiles(
    const TiffDirectory& directory, std::string_view subject, const ImageHeader& header) {
    const std::uint64_t wide = directory.value(kTileWidth, 0);
    const std::uint64_t high = directory.value(kTileHeight, 0);
    const auto pixels = static_cast<std::uint64_t>(header.width * header.height);
    constexpr std::uint64_t kUsual = std::uint64_t{1024} * 1024;
    if (wide == 0 || high == 0 || wide * high > std::max(kUsual, 4 * pixels))
        refuse_image(subject, "TIFF with tiles far larger than the image");
}

/// The pieces of the image, strips or tiles, lie within the file and can hold that many pixels.
void check_pieces(
    ByteSpan bytes,
    const TiffDirectory& directory,
    std::string_view subject,
    const ImageHeader& header) {
    const bool is_tiled = directory.has(kTileWidth) || directory.has(kTileHeight) ||
                          directory.has(kTileOffsets) || directory.has(kTileByteCounts);
    if (is_tiled && (directory.has(kStripOffsets) || directory.has(kStripByteCounts)))
        refuse_image(subject, "TIFF damaged: strips and tiles in one image");
    const auto offsets = directory.values(is_tiled ? kTileOffsets : kStripOffsets);
    const auto counts = directory.values(is_tiled ? kTileByteCounts : kStripByteCounts);
    if (offsets.empty() || offsets.size() != counts.size())
        refuse_image(subject, "TIFF cut short or damaged");
    for (std::size_t i = 0; i < offsets.size(); ++i)
        if (std::uint64_t{offsets[i]} + counts[i] > bytes.size())
            refuse_image(subject, "TIFF cut short");
    const std::uint32_t code = directory.value(kCompression, 1);
    const auto known = std::ranges::find(kCompressions, code, &Compression::code);
    if (known == kCompressions.end())
        refuse_image(
            subject,
            "TIFF with " + (code == 6 || code == 7 ? "JPEG" : std::to_string(code)) +
                " compression; none, LZW, deflate and PackBits are read");
    if (is_tiled) check_tiles(directory, subject, header);
    const std::uint64_t stored = std::accumulate(counts.begin(), counts.end(), std::uint64_t{0});
    const std::uint64_t row =
        (static_cast<std::uint64_t>(header.width) * directory.value(kSamplesPerPixel, 1) *
             static_cast<std::uint64_t>(header.bits) +
         7) /
        8;
    if (stored * known->largest_ratio < row * static_cast<std::uint64_t>(header.height))
        refuse_image(subject, "TIFF with too little data for its size");
}

}  // namespace

ImageHeader read_tiff_header(ByteSpan bytes, std::string_view subject) {
    const TiffDirectory directory = directory_of(bytes, subject);
    ImageHeader header;
    header.format = Format::kTiff;
    header.width = directory.value(kWidth, 0);
    header.height = directory.value(kHeight, 0);
    return header;
}

void walk_tiff(
    ByteSpan bytes, std::string_view subject, const DecodeLimits& limits, ImageHeader& header) {
    const TiffDirectory directory = directory_of(bytes, subject);
    check_samples(directory, subject);
    check_channels(directory, subject);
    header.bits = static_cast<int>(directory.value(kBitsPerSample, 1));
    header.frames = directory.count_pages(limits.max_frames + 1);
    const std::uint32_t kind = directory.value(kPhotometric, 99);
    header.is_gray = kind == kWhiteIsZero || kind == kBlackIsZero;
    header.is_cmyk = kind == kSeparated;
    const std::uint32_t extra = directory.value(kExtraSamples, 0);  // 0 means nothing known
    header.has_premultiplied_alpha = extra == 1;
    header.has_alpha = extra == 1 || extra == 2;
    check_pieces(bytes, directory, subject, header);

    const std::uint32_t stated = directory.value(kOrientation, 1);
    header.orientation = stated >= 1 && stated <= 8 ? static_cast<int>(stated) : 1;
    header.taken = exif_of(bytes).taken;
}

}  // namespace georgia
