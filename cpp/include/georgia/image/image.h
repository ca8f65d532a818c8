#pragma once

#include <cstddef>
#include <cstdint>

#include "georgia/base/buffer.h"

namespace georgia {

struct FrameSize {
    int height = 0;
    int width = 0;
};

/// Pixels in stored form, rows from the top, channels together.
struct Image {
    int height = 0;
    int width = 0;
    int channels = 0;  ///< 1 gray, 3 RGB, 4 RGBA
    Bytes pixels;      // (height, width, channels) uint8, not zeroed when made

    FrameSize size() const {
        return {height, width};
    }

    Image() = default;
    Image(int rows, int columns, int depth)
        : height(rows),
          width(columns),
          channels(depth),
          pixels(
              static_cast<std::size_t>(rows) * static_cast<std::size_t>(columns) *
              static_cast<std::size_t>(depth)) {}
};

}  // namespace georgia
