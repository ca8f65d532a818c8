#include "georgia/image/intensity.h"

#include <algorithm>
#include <numeric>

#include "georgia/image/synthetic.h"

#include "catch.h"

using namespace georgia;

TEST_CASE("intensities count levels of gray in bits and shares") {
    Image image(2, 128, 1);
    std::iota(image.pixels.begin(), image.pixels.end(), std::uint8_t{0});
    Intensities found = intensities_of(image);
    CHECK(found.entropy == Approx(8));
    CHECK(std::ranges::all_of(found.shares, [](float share) { return share == 4.0F / 256; }));
    std::ranges::fill(image.pixels, 9);
    found = intensities_of(image);
    CHECK(found.entropy == 0);
    CHECK(found.shares[2] == 1);
}

TEST_CASE("a reversed image has the same intensities") {
    Image image = draw_crystals(0, 48, 1, 3);
    image.pixels.resize(48 * 48);
    image.channels = 1;
    const Intensities before = intensities_of(image);
    std::ranges::reverse(image.pixels);
    CHECK(intensities_of(image).entropy == before.entropy);
    CHECK(before.entropy > 1);
}
