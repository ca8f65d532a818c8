#include "image/decode_png.h"

#include <algorithm>
#include <libdeflate.h>
#include <memory>
#include <vector>

#include "image/narrow.h"
#include "image/png_filters.h"
#include "image/png_layout.h"

namespace georgia {
namespace {

struct FreeDecompressor {
    void operator()(libdeflate_decompressor* decompressor) const {
        libdeflate_free_decompressor(decompressor);
    }
};

/// The filtered rows of all passes, one after another, and some bytes more that may be touched.
Bytes inflated(const PngLayout& layout, std::string_view subject) {
    Bytes joined;
    ByteSpan data = layout.data.front();
    if (layout.data.size() > 1) {
        for (const ByteSpan piece : layout.data)
            joined.insert(joined.end(), piece.begin(), piece.end());
        data = joined;
    }
    thread_local const std::unique_ptr<libdeflate_decompressor, FreeDecompressor> decompressor(
        libdeflate_alloc_decompressor());
    constexpr std::size_t kPadding = 8;
    const std::size_t size = raw_size(layout);
    Bytes raw(size + kPadding);
    const auto result = libdeflate_zlib_decompress(
        decompressor.get(), data.data(), data.size(), raw.data(), size, nullptr);
    if (result == LIBDEFLATE_SHORT_OUTPUT || result == LIBDEFLATE_INSUFFICIENT_SPACE)
        refuse_image(subject, "PNG damaged: the pixels do not fill the header's size");
    if (result != LIBDEFLATE_SUCCESS)
        refuse_image(subject, "PNG damaged: its pixels cannot be unpacked");
    return raw;
}

std::uint32_t sample_at(const std::uint8_t* row, std::size_t index, std::uint32_t bits) {
    if (bits == 16) return std::uint32_t{row[2 * index]} << 8 | row[2 * index + 1];
    return packed_sample(row, index, bits);
}

/// From the samples of a pixel to the channels of the stored form.
class PngPainter {
  public:
    PngPainter(const PngLayout& layout, const DepthRange& depth, Image& image)
        : layout_(layout), image_(image), levels_(levels_of(layout.bits, depth)) {
        const std::uint32_t most = (1u << layout.bits) - 1;
        if (layout.transparency.empty() || layout.colour == PngLayout::kPalette) return;
        for (std::size_t i = 0; i + 1 < layout.transparency.size(); i += 2)
            transparent_.push_back(big_endian(layout.transparency, i, 2) & most);
    }

    /// True where the file's rows are the image's rows.
    bool is_plain() const {
        return layout_.bits == 8 && layout_.samples() == static_cast<unsigned>(image_.channels) &&
               layout_.colour != PngLayout::kPalette && !layout_.is_interlaced;
    }

    /// One pixel; false when it names no colour of the palette.
    bool paint(const std::uint8_t* row, std::size_t index, std::uint8_t* pixel) const {
        if (layout_.colour == PngLayout::kPalette) return paint_colour(row, index, pixel);
        const std::uint32_t samples = layout_.samples();
        const bool has_own_alpha = samples == 2 || samples == 4;
        const std::uint32_t colours = has_own_alpha ? samples - 1 : samples;
        bool is_transparent = !transparent_.empty();
        for (std::uint32_t c = 0; c < colours; ++c) {
            const std::uint32_t value = sample_at(row, index * samples + c, layout_.bits);
            is_transparent = is_transparent && value == transparent_[c];
            pixel[c] = levels_[value];
        }
        if (image_.channels < 4) return true;
        if (colours == 1) pixel[1] = pixel[2] = pixel[0];
        if (has_own_alpha) {  // its whole range, whatever range the colours have
            const std::uint32_t value = sample_at(row, index * samples + colours, layout_.bits);
            pixel[3] = narrowed(value, {0, (1 << layout_.bits) - 1});
        } else {
            pixel[3] = is_transparent ? 0 : 255;
        }
        return true;
    }

  private:
    bool paint_colour(const std::uint8_t* row, std::size_t index, std::uint8_t* pixel) const {
        const std::uint32_t colour = sample_at(row, index, layout_.bits);
        if (3 * std::size_t{colour} >= layout_.palette.size()) return false;
        std::copy_n(layout_.palette.data() + 3 * std::size_t{colour}, 3, pixel);
        const ByteSpan alpha = layout_.transparency;
        if (image_.channels == 4) pixel[3] = colour < alpha.size() ? alpha[colour] : 255;
        return true;
    }

    const PngLayout& layout_;
    const Image& image_;
    std::vector<std::uint8_t> levels_;        // (2^bits) stored value of each sample value
    std::vector<std::uint32_t> transparent_;  // (1 or 3) samples of the transparent colour
};

}  // namespace

Image decode_png(
    ByteSpan bytes, std::string_view subject, const ImageHeader& header, const DepthRange& depth) {
    const PngLayout layout = read_png_layout(bytes);
    const int channels = header.has_alpha ? 4 : header.is_gray ? 1 : 3;
    Image image(static_cast<int>(header.height), static_cast<int>(header.width), channels);
    const PngPainter painter(layout, depth, image);
    Bytes raw = inflated(layout, subject);

    const std::size_t step = std::max<std::size_t>(1, layout.samples() * layout.bits / 8);
    const std::size_t image_row = std::size_t{layout.width} * static_cast<std::size_t>(channels);
    const std::vector<std::uint8_t> nothing(layout.row_bytes(layout.width) + 8);
    std::uint8_t* row = raw.data();  // at its filter's byte
    for (const PngPass& pass : passes_of(layout)) {
        const std::uint32_t columns = pass.columns(layout);
        const std::size_t size = layout.row_bytes(columns);
        const std::uint8_t* above = nothing.data();
        for (std::uint32_t y = 0; y < pass.rows(layout); ++y, row += size + 1) {
            if (!unfilter(row[0], row + 1, above, size, step))
                refuse_image(subject, "PNG damaged: an unknown filter");
            above = row + 1;
            std::uint8_t* target =
                image.pixels.data() + (pass.first_y + std::size_t{y} * pass.step_y) * image_row;
            if (painter.is_plain()) {
                std::copy_n(above, size, target);
                continue;
            }
            target += pass.first_x * static_cast<std::size_t>(channels);
            const std::size_t stride = pass.step_x * static_cast<std::size_t>(channels);
            for (std::uint32_t x = 0; x < columns; ++x, target += stride)
                if (!painter.paint(above, x, target))
                    refuse_image(subject, "PNG damaged: a pixel names no colour of its palette");
        }
    }
    return image;
}

}  // namespace georgia
