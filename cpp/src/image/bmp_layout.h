#pragma once

#include <array>

#include "image/header.h"

namespace georgia {

/// How pixels lie in a BMP file, from its header.
struct BmpLayout {
    std::int64_t height = 0;
    std::int64_t width = 0;
    bool is_top_down = false;
    std::uint32_t bits = 0;         ///< of a pixel
    std::uint32_t header_size = 0;  ///< of the second header
    std::uint64_t palette_at = 0;
    std::uint32_t palette_entry = 4;  ///< bytes of one colour
    std::uint32_t palette_colours = 0;
    std::uint64_t pixels_at = 0;
    std::array<std::uint32_t, 4> masks{};  ///< of red, green, blue and alpha; 0 where there is none

    std::uint64_t row_bytes() const {
        return (static_cast<std::uint64_t>(width) * bits + 31) / 32 * 4;
    }
};

/// Refuses what is cut short before its pixels, or of a kind that is not read.
BmpLayout read_bmp_layout(ByteSpan bytes, std::string_view subject);

}  // namespace georgia
