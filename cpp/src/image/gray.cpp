#include "georgia/image/gray.h"

#include <algorithm>
#include <cstring>

namespace georgia {
namespace {

constexpr std::size_t kColours = 3;

}  // namespace

bool is_gray_in_colour(const Image& image) {
    if (image.channels != kColours || image.pixels.empty()) return false;
    // A row at a time: colour is mostly told by the first, and a row's loop has no branches.
    const std::size_t row = static_cast<std::size_t>(image.width) * kColours;
    for (std::size_t first = 0; first < image.pixels.size(); first += row) {
        unsigned differences = 0;
        const std::uint8_t* pixel = image.pixels.data() + first;
        for (std::size_t i = 0; i < row; i += kColours)
            differences |= (pixel[i] ^ pixel[i + 1]) | (pixel[i] ^ pixel[i + 2]);
        if (differences != 0) return false;
    }
    return true;
}

Image first_channel(const Image& image) {
    Image gray(image.height, image.width, 1);
    const auto channels = static_cast<std::size_t>(image.channels);
    for (std::size_t i = 0; i < gray.pixels.size(); ++i)
        gray.pixels[i] = image.pixels[i * channels];
    return gray;
}

}  // namespace georgia
