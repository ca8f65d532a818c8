#include "georgia/data/portraits.h"

#include <algorithm>
#include <memory>

#include "georgia/image/encode.h"
#include "georgia/image/synthetic.h"

#include "catch.h"

using namespace georgia;

TEST_CASE("portraits keep proportions, and what cannot be read has none") {
    Image wide(30, 120, 1);
    std::ranges::fill(wide.pixels, 9);
    std::vector<Sample> samples{
        {std::make_shared<const Image>(wide)},
        {std::make_shared<const Bytes>(Bytes{'n', 'o'})},
        {std::make_shared<const Image>(draw_crystals(0, 32, 1, 1))}};
    Progress quiet;
    const auto made = portraits(samples, {}, 40, {2, "place", quiet});
    const Image first = decode(made.at(0).jpeg, "first").image;
    CHECK(first.height == 10);
    CHECK(first.width == 40);
    CHECK(first.channels == 1);
    CHECK(made.at(1).jpeg.empty());
    CHECK(decode(made.at(2).jpeg, "third").image.width == 32);  // never magnified
    CHECK(made.at(0).intensities.entropy == 0);
    CHECK(made.at(0).intensities.shares[9 / 4] == 1);
    CHECK(made.at(2).intensities.entropy > 1);
}

TEST_CASE("JPEG files hold nearly what was encoded") {
    const Image image = draw_crystals(1, 64, 3, 1);
    const Image back = decode(encode_jpeg(image, 95), "back").image;
    REQUIRE(back.pixels.size() == image.pixels.size());
    double sum = 0;
    for (std::size_t i = 0; i < image.pixels.size(); ++i)
        sum += std::abs(int(image.pixels[i]) - int(back.pixels[i]));
    CHECK(sum / static_cast<double>(image.pixels.size()) < 6);  // of 255; chroma is halved
}
