#include "georgia/analysis/metrics.h"

#include <vector>

#include "georgia/base/error.h"

#include "catch.h"

using namespace georgia;
using Indices = std::vector<std::int64_t>;

TEST_CASE("scores equal a count by hand") {
    // Class 2 never occurs as truth, class 3 never at all.
    const Scores scores = score(Indices{0, 0, 0, 1, 1}, Indices{0, 0, 1, 1, 2}, 4);
    CHECK(scores.count == 5);
    CHECK(scores.correct == 3);
    CHECK(scores.accuracy == Approx(0.6));
    CHECK(scores.confusion == Indices{2, 1, 0, 0, 0, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0});
    CHECK(scores.classes[0].precision == Approx(1));
    CHECK(scores.classes[0].recall == Approx(2.0 / 3));
    CHECK(scores.classes[0].f1 == Approx(0.8));
    CHECK(scores.classes[1].f1 == Approx(0.5));
    CHECK(scores.classes[2].f1 == 0);
    CHECK(scores.macro.f1 == Approx(1.3 / 3));
    CHECK(scores.weighted.f1 == Approx((3 * 0.8 + 2 * 0.5) / 5));
    CHECK(scores.weighted.support == 5);
}

TEST_CASE("Wilson's interval gives published values") {
    // R. G. Newcombe, Statistics in Medicine 17 (1998), table I: 81/263, 15/148, 0/20, 1/29.
    const auto rounded = [](double value) { return std::round(value * 10000) / 10000; };
    CHECK(rounded(wilson_interval(81, 263).low) == Approx(0.2553));
    CHECK(rounded(wilson_interval(81, 263).high) == Approx(0.3662));
    CHECK(rounded(wilson_interval(15, 148).low) == Approx(0.0624));
    CHECK(rounded(wilson_interval(15, 148).high) == Approx(0.1605));
    CHECK(wilson_interval(0, 20).low == 0);
    CHECK(rounded(wilson_interval(0, 20).high) == Approx(0.1611));
    CHECK(rounded(wilson_interval(1, 29).low) == Approx(0.0061));
    CHECK(rounded(wilson_interval(1, 29).high) == Approx(0.1718));
    CHECK(wilson_interval(0, 0).high == 1);
}

TEST_CASE("bad indices are refused, ties go to the lower class") {
    CHECK_THROWS_AS(score(Indices{0}, Indices{4}, 4), InvalidOption);
    CHECK_THROWS_AS(score(Indices{-1}, Indices{0}, 4), InvalidOption);
    CHECK_THROWS_AS(score(Indices{0, 1}, Indices{0}, 4), InvalidOption);
    const std::vector<float> rows{0.4F, 0.4F, 0.2F, 0.1F, 0.6F, 0.3F};
    CHECK(top_class(rows, 3) == Indices{0, 1});
}
