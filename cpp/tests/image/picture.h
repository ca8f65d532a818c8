#pragma once

#include "georgia/image/image.h"

/// A picture in which every pixel and channel differs from its neighbours.
inline georgia::Image picture(int height, int width, int channels) {
    georgia::Image image(height, width, channels);
    for (std::size_t i = 0; i < image.pixels.size(); ++i)
        image.pixels[i] = static_cast<std::uint8_t>((i * 37 + i / 7 * 11) % 251);
    return image;
}
