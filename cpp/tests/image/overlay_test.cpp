#include "georgia/image/overlay.h"

#include <algorithm>
#include <numeric>
#include <vector>

#include "georgia/base/error.h"

#include "catch.h"

using namespace georgia;

TEST_CASE("the highest three tenths of a map are covered, in three bands") {
    Image image(10, 10, 1);
    std::ranges::fill(image.pixels, 0);
    std::vector<float> map(100);
    std::iota(map.begin(), map.end(), 0.0F);
    const Image covered = overlay(image, map);
    const auto red = [&](std::size_t i) { return int(covered.pixels[i * 3]); };
    CHECK(red(69) == 0);
    CHECK(red(70) == 240 / 2);
    CHECK(red(80) == 255 / 2);
    CHECK(red(95) == 214 / 2);
    const Image gray = gray_of(map, 10, 10);
    CHECK(int(gray.pixels[0]) == 0);
    CHECK(int(gray.pixels[99]) == 255);
}

TEST_CASE("a map without differences covers nothing, and one of another size is refused") {
    Image image(4, 4, 3);
    std::ranges::fill(image.pixels, 77);
    const std::vector<float> flat(16, 3.0F);
    CHECK(overlay(image, flat).pixels == image.pixels);
    CHECK_THROWS_AS(overlay(image, std::vector<float>(15)), InvalidOption);
}
