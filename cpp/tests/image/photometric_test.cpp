#include "georgia/image/photometric.h"

#include <algorithm>
#include <cmath>
#include <string>

#include "catch.h"
#include "image/answers.h"
#include "image/picture.h"

using namespace georgia;

namespace {

Image adjusted(Image image, const Photometric& drawn) {
    adjust(drawn, {image.height, image.width}, image.channels, image.pixels.data());
    return image;
}

/// One channel of it.
Image channel_of(const Image& image, int channel) {
    Image result(image.height, image.width, 1);
    for (std::size_t i = 0; i < result.pixels.size(); ++i)
        result.pixels[i] =
            image.pixels
                [i * static_cast<std::size_t>(image.channels) + static_cast<std::size_t>(channel)];
    return result;
}

/// An image of colour with an alpha of all values.
Image with_alpha(const Image& colour) {
    Image result(colour.height, colour.width, 4);
    for (std::size_t i = 0; i < result.pixels.size(); ++i)
        result.pixels[i] =
            i % 4 == 3 ? static_cast<std::uint8_t>(i * 5 % 256) : colour.pixels[i / 4 * 3 + i % 4];
    return result;
}

Photometric everything() {
    Photometric drawn;
    drawn.brightness = 0.1;
    drawn.contrast = 1.2;
    drawn.gamma = 0.8;
    drawn.blur = 1;
    drawn.noise = 0.05;
    drawn.erased_height = drawn.erased_width = 0.5;
    return drawn;
}

}  // namespace

TEST_CASE("nothing drawn changes nothing") {
    for (const int channels : {1, 3, 4}) {
        const Image image = picture(13, 9, channels);
        CHECK(adjusted(image, {}).pixels == image.pixels);
    }
}

TEST_CASE("brightness, contrast and gamma give what others compute") {
    const Image colour = image_of("colour");
    // Half a level of rounding, and the answers' one decimal.
    constexpr double kRounding = 0.55;
    Photometric drawn;
    drawn.brightness = 0.2;
    CHECK(distance_to("brightness", adjusted(colour, drawn)) <= kRounding);
    drawn.brightness = -0.2;
    CHECK(distance_to("darkness", adjusted(colour, drawn)) <= kRounding);
    drawn = {};
    drawn.gamma = 1.7;
    CHECK(distance_to("gamma", adjusted(colour, drawn)) <= kRounding);
    drawn.brightness = -0.1;
    drawn.contrast = 0.7;
    drawn.gamma = 0.6;
    CHECK(distance_to("table", adjusted(colour, drawn)) <= kRounding);
    for (const auto& [name, contrast] : {std::pair{"contrast 0.6", 0.6}, {"contrast 1.4", 1.4}}) {
        INFO(name);
        drawn = {};
        drawn.contrast = contrast;
        const std::string gray = std::string("gray ") + name;
        // Pillow rounds the mean and cuts off what we round.
        CHECK(distance_to(name, adjusted(colour, drawn)) <= 1);
        CHECK(distance_to(gray, adjusted(channel_of(colour, 0), drawn)) <= 1);
    }
}

TEST_CASE("blur gives what others compute") {
    for (const auto& [name, sigma] :
         {std::pair{"blur 0.6", 0.6}, {"blur 1.3", 1.3}, {"blur 2.5", 2.5}}) {
        INFO(name);
        Photometric drawn;
        drawn.blur = sigma;
        // Half a level of rounding, and OpenCV's weights in steps of 1/256, which tell where
        // neighbours differ by the whole range as here.
        CHECK(distance_to(name, adjusted(image_of("colour"), drawn)) <= 1.25);
    }
}

TEST_CASE("noise is that of its seed, and the share of full scale is its deviation") {
    Image gray(12, 10, 3);
    std::ranges::fill(gray.pixels, std::uint8_t{128});
    Photometric drawn;
    drawn.noise = 12.5 / 255;
    drawn.noise_seed = 3;
    const Image noisy = adjusted(gray, drawn);
    CHECK(distance_to("noise", noisy) == 0);
    drawn.noise_seed += std::uint64_t{1} << 32;
    CHECK(adjusted(gray, drawn).pixels != noisy.pixels);
}

TEST_CASE("erasing fills one rectangle of the stated size with the mean colour") {
    const Image image = picture(40, 60, 3);
    std::array<double, 3> mean{};
    for (std::size_t i = 0; i < image.pixels.size(); ++i) mean[i % 3] += image.pixels[i] / 2400.0;
    for (const double place_x : {0.0, 0.3, 0.999}) {
        for (const double place_y : {0.0, 0.6, 0.999}) {
            Photometric drawn;
            drawn.erased_height = 0.25;  // 10 rows
            drawn.erased_width = 0.4;    // 24 columns
            drawn.erased_x = place_x;
            drawn.erased_y = place_y;
            const Image holed = adjusted(image, drawn);
            const int left = static_cast<int>(place_x * 37);
            const int top = static_cast<int>(place_y * 31);
            int wrong = 0;
            for (int i = 0; i < 40 * 60 * 3; ++i) {
                const int y = i / 180;
                const int x = i / 3 % 60;
                const bool is_inside = y >= top && y < top + 10 && x >= left && x < left + 24;
                const auto index = static_cast<std::size_t>(i);
                const double expected = is_inside ? mean[index % 3] : image.pixels[index];
                wrong += std::abs(holed.pixels[index] - expected) > 0.51;  // one rounding
            }
            CHECK(wrong == 0);
        }
    }
    Photometric whole;
    whole.erased_height = whole.erased_width = 1;
    const Image flat = adjusted(image, whole);
    CHECK(flat.pixels.front() == flat.pixels[flat.pixels.size() - 3]);
}

TEST_CASE("colours change the same with alpha as without, and alpha never") {
    const Image colour = image_of("colour");
    const Image image = with_alpha(colour);
    Photometric drawn = everything();
    drawn.noise = 0;  // drawn for alpha too, so the colours' differs
    const Image plain = adjusted(colour, drawn);
    const Image result = adjusted(image, drawn);
    int wrong = 0;
    for (std::size_t i = 0; i < result.pixels.size(); ++i)
        wrong +=
            result.pixels[i] != (i % 4 == 3 ? image.pixels[i] : plain.pixels[i / 4 * 3 + i % 4]);
    CHECK(wrong == 0);
    CHECK(channel_of(adjusted(image, everything()), 3).pixels == channel_of(image, 3).pixels);
    CHECK(channel_of(adjusted(image, everything()), 0).pixels != channel_of(result, 0).pixels);
}

TEST_CASE("gray takes every change") {
    const Image gray = picture(13, 9, 1);
    CHECK(adjusted(gray, everything()).pixels != gray.pixels);
}
