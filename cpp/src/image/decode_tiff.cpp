#include "image/decode_tiff.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <string>

#include "image/composite.h"
#include "image/narrow.h"
#include "image/tiff_directory.h"
#include "image/tiff_memory.h"

namespace georgia {
namespace {

template <class Number>
Number field(TIFF* tiff, std::uint32_t tag) {
    Number value{};
    TIFFGetFieldDefaulted(tiff, tag, &value);
    return value;
}

/// How samples lie in the file.
struct Layout {
    std::uint32_t height = 0;
    std::uint32_t width = 0;
    std::uint32_t bits = 0;
    std::uint32_t samples = 0;  ///< of a pixel
    bool is_planar = false;     ///< each sample in pieces of its own
    std::uint16_t photometric = 0;

    /// Samples side by side in one piece.
    std::uint32_t packed() const {
        return is_planar ? 1 : samples;
    }
};

Layout layout_of(TIFF* tiff) {
    Layout layout;
    layout.height = field<std::uint32_t>(tiff, TIFFTAG_IMAGELENGTH);
    layout.width = field<std::uint32_t>(tiff, TIFFTAG_IMAGEWIDTH);
    layout.bits = field<std::uint16_t>(tiff, TIFFTAG_BITSPERSAMPLE);
    layout.samples = field<std::uint16_t>(tiff, TIFFTAG_SAMPLESPERPIXEL);
    layout.is_planar = field<std::uint16_t>(tiff, TIFFTAG_PLANARCONFIG) == PLANARCONFIG_SEPARATE &&
                       layout.samples > 1;
    layout.photometric = field<std::uint16_t>(tiff, TIFFTAG_PHOTOMETRIC);
    return layout;
}

std::uint32_t sample_at(const std::uint8_t* row, std::size_t index, std::uint32_t bits) {
    if (bits == 16) {
        std::uint16_t value = 0;
        std::memcpy(&value, row + 2 * index, 2);  // libtiff gives them in the machine's order
        return value;
    }
    return packed_sample(row, index, bits);
}

/// From a sample's value to the channels of the stored form.
class Painter {
  public:
    Painter(TIFF* tiff, const Layout& layout, const DepthRange& depth, Image& image)
        : layout_(layout), image_(image), levels_(levels_of(layout.bits, depth)) {
        const bool is_inverted =
            layout.photometric == PHOTOMETRIC_MINISWHITE ||
            layout.photometric == PHOTOMETRIC_SEPARATED;  // inks, as composite.h wants them
        for (std::uint8_t& level : levels_)
            if (is_inverted) level = static_cast<std::uint8_t>(255 - level);
        if (layout.photometric == PHOTOMETRIC_PALETTE) read_palette(tiff);
    }

    /// A row of a piece into the image, from that column on; sample numbers start at first.
    void paint(
        const std::uint8_t* row,
        std::uint32_t y,
        std::uint32_t x0,
        std::uint32_t columns,
        std::uint32_t first) {
        const auto channels = static_cast<std::size_t>(image_.channels);
        std::uint8_t* target =
            image_.pixels.data() + (std::size_t{y} * layout_.width + x0) * channels;
        const std::uint32_t packed = layout_.packed();
        const bool is_stored_form = packed == layout_.samples && packed == channels;
        if (layout_.bits == 8 && is_stored_form && levels_[1] == 1 && palette_.empty()) {
            std::memcpy(target, row, columns * channels);
            return;
        }
        for (std::uint32_t x = 0; x < columns; ++x, target += channels)
            for (std::uint32_t s = 0; s < packed; ++s)
                put(target, first + s, sample_at(row, std::size_t{x} * packed + s, layout_.bits));
    }

    /// False where libtiff found no palette and the image needs one.
    bool is_whole() const {
        return is_whole_;
    }

  private:
    void put(std::uint8_t* pixel, std::uint32_t sample, std::uint32_t value) {
        if (!palette_.empty()) {
            std::copy_n(palette_.data() + 3 * std::size_t{value}, 3, pixel);
            return;
        }
        const std::uint32_t colours = layout_.photometric == PHOTOMETRIC_RGB         ? 3
                                      : layout_.photometric == PHOTOMETRIC_SEPARATED ? 4
                                                                                     : 1;
        const auto channels = static_cast<std::uint32_t>(image_.channels);
        if (sample >= colours) {  // alpha, whole range; or a channel of no meaning, left out
            if (channels == 4 && sample == colours)
                pixel[3] = narrowed(value, {0, (1 << layout_.bits) - 1});
        } else if (colours == 1 && channels == 4) {
            std::fill_n(pixel, 3, levels_[value]);
        } else {
            pixel[sample] = levels_[value];
        }
    }

    void read_palette(TIFF* tiff) {
        const std::uint32_t most = (1u << layout_.bits) - 1;
        std::array<std::uint16_t*, 3> columns{};
        if (TIFFGetField(tiff, TIFFTAG_COLORMAP, &columns[0], &columns[1], &columns[2]) != 1) {
            palette_.assign((std::size_t{most} + 1) * 3, 0);
            is_whole_ = false;
            return;
        }
        std::uint16_t largest = 0;
        for (const std::uint16_t* column : columns)
            largest = std::max(largest, *std::max_element(column, column + most + 1));
        const int shift = largest > 255 ? 8 : 0;  // some programs wrote bytes
        for (std::uint32_t value = 0; value <= most; ++value)
            for (const std::uint16_t* column : columns)
                palette_.push_back(static_cast<std::uint8_t>(column[value] >> shift));
    }

    const Layout& layout_;
    Image& image_;
    std::vector<std::uint8_t> levels_;   // (2^bits) stored value of each sample value
    std::vector<std::uint8_t> palette_;  // (2^bits, 3), empty without one
    bool is_whole_ = true;
};

bool read_strips(TIFF* tiff, const Layout& layout, Painter& painter) {
    const auto per_strip =
        std::clamp(field<std::uint32_t>(tiff, TIFFTAG_ROWSPERSTRIP), 1u, layout.height);
    const std::size_t row_bytes =
        (std::size_t{layout.width} * layout.packed() * layout.bits + 7) / 8;
    std::vector<std::uint8_t> strip(row_bytes * per_strip);
    const std::uint32_t planes = layout.is_planar ? layout.samples : 1;
    const std::uint32_t strips = (layout.height + per_strip - 1) / per_strip;
    for (std::uint32_t plane = 0; plane < planes; ++plane)
        for (std::uint32_t number = 0; number < strips; ++number) {
            const std::uint32_t y0 = number * per_strip;
            const std::uint32_t rows = std::min(per_strip, layout.height - y0);
            const auto size = static_cast<tmsize_t>(row_bytes * rows);
            if (TIFFReadEncodedStrip(tiff, plane * strips + number, strip.data(), size) != size)
                return false;
            for (std::uint32_t y = 0; y < rows; ++y)
                painter.paint(strip.data() + y * row_bytes, y0 + y, 0, layout.width, plane);
        }
    return true;
}

bool read_tiles(TIFF* tiff, const Layout& layout, Painter& painter) {
    const auto high = field<std::uint32_t>(tiff, TIFFTAG_TILELENGTH);
    const auto wide = field<std::uint32_t>(tiff, TIFFTAG_TILEWIDTH);
    const std::size_t row_bytes = (std::size_t{wide} * layout.packed() * layout.bits + 7) / 8;
    const tmsize_t size = TIFFTileSize(tiff);
    if (size <= 0 || static_cast<std::size_t>(size) != row_bytes * high) return false;
    std::vector<std::uint8_t> tile(static_cast<std::size_t>(size));
    const std::uint32_t planes = layout.is_planar ? layout.samples : 1;
    std::uint32_t number = 0;
    for (std::uint32_t plane = 0; plane < planes; ++plane)
        for (std::uint32_t y0 = 0; y0 < layout.height; y0 += high)
            for (std::uint32_t x0 = 0; x0 < layout.width; x0 += wide, ++number) {
                if (TIFFReadEncodedTile(tiff, number, tile.data(), size) != size) return false;
                const std::uint32_t columns = std::min(wide, layout.width - x0);
                const std::uint32_t rows = std::min(high, layout.height - y0);
                for (std::uint32_t y = 0; y < rows; ++y)
                    painter.paint(tile.data() + y * row_bytes, y0 + y, x0, columns, plane);
            }
    return true;
}

/// True where libtiff understood the directory as we did. It leaves out tags that it finds odd, and
/// what it left out we would not have painted.
bool agree(TIFF* tiff, const Layout& layout, const TiffDirectory& directory) {
    const bool is_tiled = directory.has(322) || directory.has(323);
    return layout.width == directory.value(256, 0) && layout.height == directory.value(257, 0) &&
           layout.bits == directory.value(258, 1) &&
           field<std::uint16_t>(tiff, TIFFTAG_COMPRESSION) == directory.value(259, 1) &&
           layout.photometric == directory.value(262, 99) &&
           layout.samples == directory.value(277, 1) && (TIFFIsTiled(tiff) != 0) == is_tiled;
}

/// Alpha that was multiplied into the colours, divided out again.
void unmultiply(Image& image) {
    for (std::size_t i = 0; i < image.pixels.size(); i += 4) {
        const int alpha = image.pixels[i + 3];
        for (std::size_t c = 0; c < 3 && alpha > 0; ++c)
            image.pixels[i + c] = static_cast<std::uint8_t>(
                std::min(255, (image.pixels[i + c] * 255 + alpha / 2) / alpha));
    }
}

}  // namespace

Image decode_tiff(
    ByteSpan bytes, std::string_view subject, const ImageHeader& header, const DepthRange& depth) {
    TiffSource source{bytes};
    const TiffFile tiff = open_tiff(source);
    if (!tiff) refuse_image(subject, std::string("TIFF damaged: ") + source.error.data());
    const Layout layout = layout_of(tiff.get());
    const auto directory = TiffDirectory::first(bytes);
    if (!directory || !agree(tiff.get(), layout, *directory))
        refuse_image(subject, "TIFF damaged: two readers read two headers");
    const bool is_gray = header.is_gray && !header.has_alpha;
    const int channels = is_gray ? 1 : header.has_alpha || header.is_cmyk ? 4 : 3;
    Image image(static_cast<int>(header.height), static_cast<int>(header.width), channels);
    Painter painter(tiff.get(), layout, depth, image);
    const bool is_whole = TIFFIsTiled(tiff.get()) != 0 ? read_tiles(tiff.get(), layout, painter)
                                                       : read_strips(tiff.get(), layout, painter);
    if (!is_whole || !painter.is_whole() || source.error[0] != 0)
        refuse_image(subject, std::string("TIFF damaged: ") + source.error.data());
    if (header.is_cmyk) return rgb_of_inks(image);
    if (header.has_premultiplied_alpha) unmultiply(image);
    return image;
}

}  // namespace georgia
