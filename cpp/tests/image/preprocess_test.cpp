#include "georgia/image/preprocess.h"

#include "georgia/base/error.h"

#include "catch.h"
#include "image/picture.h"

using namespace georgia;

namespace {

Image placed(const Image& image, const Preprocess& preprocess) {
    Image out(
        static_cast<int>(preprocess.height),
        static_cast<int>(preprocess.width),
        static_cast<int>(preprocess.channels));
    place(image, preprocess, {}, out.pixels.data());
    return out;
}

Preprocess sized(std::int64_t side, std::int64_t channels) {
    Preprocess preprocess;
    preprocess.height = preprocess.width = side;
    preprocess.channels = channels;
    preprocess.mean.assign(static_cast<std::size_t>(channels), 0.5);
    preprocess.deviation.assign(static_cast<std::size_t>(channels), 0.25);
    return preprocess;
}

}  // namespace

TEST_CASE("gray spreads to three equal channels") {
    const Image gray = picture(8, 8, 1);
    const Image rgb = placed(gray, sized(8, 3));
    for (std::size_t i = 0; i < gray.pixels.size(); ++i)
        for (std::size_t c = 0; c < 3; ++c) REQUIRE(rgb.pixels[3 * i + c] == gray.pixels[i]);
}

TEST_CASE("transparent pixels show the background") {
    Image image(4, 4, 4);
    image.pixels.assign(64, 0);
    for (std::size_t i = 0; i < 16; ++i) image.pixels[4 * i + 3] = i % 2 == 0 ? 0 : 255;
    Preprocess preprocess = sized(4, 3);
    CHECK(placed(image, preprocess).pixels[0] == 255);
    CHECK(placed(image, preprocess).pixels[3] == 0);
    preprocess.background = Background::kBlack;
    CHECK(placed(image, preprocess).pixels[0] == 0);
}

TEST_CASE("values out of range are refused by name") {
    Preprocess preprocess = sized(8, 3);
    preprocess.height = 0;
    CHECK_THROWS_WITH(preprocess.validate(), ContainsSubstring("height"));
    preprocess = sized(8, 3);
    preprocess.mean = {0.5};
    CHECK_THROWS_AS(preprocess.validate(), InvalidOption);
    CHECK_NOTHROW(sized(8, 4).validate());
}
