#pragma once

#include "image/header.h"

namespace georgia {

/// What of a PNG file makes its pixels. The spans look into the file.
struct PngLayout {
    enum Colour { kGray = 0, kRgb = 2, kPalette = 3, kGrayAlpha = 4, kRgba = 6 };

    std::uint32_t height = 0;
    std::uint32_t width = 0;
    std::uint32_t bits = 0;  ///< of a sample
    int colour = kGray;
    bool is_interlaced = false;
    ByteSpan palette;            // (colours, 3), empty without one
    ByteSpan transparency;       ///< the data of a tRNS chunk that counts, or empty
    std::vector<ByteSpan> data;  ///< of the IDAT chunks

    std::uint32_t samples() const {
        return colour == kRgb ? 3 : colour == kGrayAlpha ? 2 : colour == kRgba ? 4 : 1;
    }

    /// Bytes of a row of that many pixels, without its filter's byte.
    std::size_t row_bytes(std::uint32_t pixels) const {
        return (std::size_t{pixels} * samples() * bits + 7) / 8;
    }

    bool has_alpha() const {
        return colour == kGrayAlpha || colour == kRgba || !transparency.empty();
    }
};

/// Part of an interlaced image: every step-th pixel from a first one on (Adam7).
struct PngPass {
    std::uint32_t first_x = 0;
    std::uint32_t first_y = 0;
    std::uint32_t step_x = 1;
    std::uint32_t step_y = 1;

    std::uint32_t columns(const PngLayout& layout) const {
        return (layout.width + step_x - 1 - first_x) / step_x;
    }
    std::uint32_t rows(const PngLayout& layout) const {
        return (layout.height + step_y - 1 - first_y) / step_y;
    }
};

/// The seven passes, or the one of an image that is not interlaced.
std::vector<PngPass> passes_of(const PngLayout& layout);

/// Bytes that the compressed data stand for.
std::uint64_t raw_size(const PngLayout& layout);

/// From a file that walk_png let pass.
PngLayout read_png_layout(ByteSpan bytes);

}  // namespace georgia
