#include "image/composite.h"

namespace georgia {

Image composite(const Image& image, int level) {
    Image opaque(image.height, image.width, 3);
    const std::size_t count = image.pixels.size() / 4;
    for (std::size_t i = 0; i < count; ++i) {
        const int alpha = image.pixels[4 * i + 3];
        for (std::size_t c = 0; c < 3; ++c) {
            const int mixed = image.pixels[4 * i + c] * alpha + level * (255 - alpha);
            opaque.pixels[3 * i + c] = static_cast<std::uint8_t>((mixed + 127) / 255);
        }
    }
    return opaque;
}

Image rgb_of_inks(const Image& inks) {
    Image image(inks.height, inks.width, 3);
    const std::size_t count = inks.pixels.size() / 4;
    for (std::size_t i = 0; i < count; ++i) {
        const std::uint32_t black = inks.pixels[4 * i + 3];
        for (std::size_t c = 0; c < 3; ++c)
            image.pixels[3 * i + c] =
                static_cast<std::uint8_t>((inks.pixels[4 * i + c] * black + 127) / 255);
    }
    return image;
}

}  // namespace georgia
