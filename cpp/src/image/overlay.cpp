#include "georgia/image/overlay.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <vector>

#include "georgia/base/error.h"

namespace georgia {
namespace {

struct Band {
    double share;  // of the values that lie below
    std::array<int, 3> colour;
};

constexpr std::array kBands{
    Band{0.9, {214, 39, 40}}, Band{0.8, {255, 127, 14}}, Band{0.7, {240, 228, 66}}};

void check_size(const Image& image, std::size_t values) {
    if (values != static_cast<std::size_t>(image.height) * static_cast<std::size_t>(image.width))
        throw InvalidOption("overlay", "map", "not of the image's size");
}

}  // namespace

Image overlay(const Image& image, std::span<const float> map) {
    check_size(image, map.size());
    std::vector<float> sorted(map.begin(), map.end());
    std::ranges::sort(sorted);
    const auto channels = static_cast<std::size_t>(image.channels);
    Image covered(image.height, image.width, 3);
    for (std::size_t i = 0; i < map.size(); ++i) {
        const Band* band = nullptr;
        for (const Band& one : kBands) {
            const auto place =
                static_cast<std::size_t>(one.share * static_cast<double>(map.size()));
            // Of one value everywhere, none is high.
            if (band == nullptr && map[i] > sorted.front() && map[i] >= sorted[place]) band = &one;
        }
        for (std::size_t c = 0; c < 3; ++c) {
            const int level = image.pixels[i * channels + (channels == 1 ? 0 : c)];
            covered.pixels[i * 3 + c] =
                static_cast<std::uint8_t>(band != nullptr ? (level + band->colour[c]) / 2 : level);
        }
    }
    return covered;
}

Image gray_of(std::span<const float> map, int height, int width) {
    Image gray(height, width, 1);
    check_size(gray, map.size());
    const auto [low, high] = std::ranges::minmax(map);
    const float range = high > low ? high - low : 1;
    for (std::size_t i = 0; i < map.size(); ++i)
        gray.pixels[i] = static_cast<std::uint8_t>(255 * (map[i] - low) / range + 0.5F);
    return gray;
}

}  // namespace georgia
