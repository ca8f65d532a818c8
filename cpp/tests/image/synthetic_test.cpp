#include "georgia/image/synthetic.h"

#include "georgia/base/error.h"

#include "catch.h"

using namespace georgia;

TEST_CASE("a synthetic image follows from its key alone") {
    const Image first = draw_crystals(2, 64, 5, 9);
    CHECK(first.height == 64);
    CHECK(first.channels == 3);
    CHECK(draw_crystals(2, 64, 5, 9).pixels == first.pixels);
    CHECK(draw_crystals(2, 64, 5, 8).pixels != first.pixels);
    CHECK(draw_crystals(2, 64, 6, 9).pixels != first.pixels);
    CHECK(draw_crystals(1, 64, 5, 9).pixels != first.pixels);
    CHECK_THROWS_AS(draw_crystals(4, 64, 5, 9), InvalidOption);
    CHECK_THROWS_AS(draw_crystals(0, 16, 5, 9), InvalidOption);
}
