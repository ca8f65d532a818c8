#include "georgia/analysis/comparison.h"

#include <array>

#include "georgia/base/error.h"

#include "catch.h"

using namespace georgia;

TEST_CASE("two models are compared where they differ") {
    const std::array first{true, true, true, true, true, true, false, false};
    const std::array second{true, false, false, false, false, false, true, false};
    const Comparison found = compare(first, second);
    CHECK(found.both == 1);
    CHECK(found.first == 5);
    CHECK(found.second == 1);
    CHECK(found.neither == 1);
    CHECK(found.p_value == Approx(2 * (1 + 6) / 64.0));  // of six coins one head at most, or tail
    CHECK(compare(second, first).p_value == Approx(found.p_value));
}

TEST_CASE("models that never differ are not told apart") {
    const std::array same{true, false, true};
    CHECK(compare(same, same).p_value == 1);
    CHECK(compare(std::array{true, false}, std::array{false, true}).p_value == 1);
    CHECK_THROWS_AS(compare(same, std::array{true}), InvalidOption);
}
