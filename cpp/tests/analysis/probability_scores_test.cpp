#include "georgia/analysis/probability_scores.h"

#include <array>
#include <cmath>
#include <limits>
#include <vector>

#include "georgia/base/error.h"

#include "catch.h"

using namespace georgia;
using Rows = std::vector<float>;
using Labels = std::vector<std::int64_t>;

TEST_CASE("log loss and Brier's score equal their formulas") {
    const ProbabilityScores three =
        score_probabilities(Rows{0.7F, 0.2F, 0.1F, 0.1F, 0.3F, 0.6F}, 3, Labels{0, 1});
    CHECK(three.log_loss == Approx(-(std::log(0.7) + std::log(0.3)) / 2));
    CHECK(three.brier == Approx((0.09 + 0.04 + 0.01 + 0.01 + 0.49 + 0.36) / 2));
    const ProbabilityScores two = score_probabilities(Rows{0.8F, 0.2F}, 2, Labels{0});
    CHECK(two.brier == Approx(0.04));
    const ProbabilityScores sure = score_probabilities(Rows{0, 1}, 2, Labels{0});
    CHECK(sure.log_loss == Approx(-std::log(1e-7)));
    CHECK(sure.brier == 1);
}

TEST_CASE("what is no probability or no label is refused") {
    const float nan = std::numeric_limits<float>::quiet_NaN();
    CHECK_THROWS_AS(score_probabilities(Rows{nan, 1}, 2, Labels{0}), InvalidOption);
    CHECK_THROWS_AS(score_probabilities(Rows{0, 1}, 2, Labels{2}), InvalidOption);
    CHECK_THROWS_AS(score_probabilities(Rows{0, 1, 0}, 2, Labels{0}), InvalidOption);
    CHECK_THROWS_AS(curves(Rows{nan}, std::array{true}), InvalidOption);
    CHECK_THROWS_AS(curves(Rows{1}, std::array{true, false}), InvalidOption);
}

TEST_CASE("curves go from nobody to everybody") {
    const Curves found =
        curves(Rows{0.9F, 0.8F, 0.7F, 0.6F, 0.5F}, std::array{true, false, true, true, false});
    CHECK(found.area == Approx(4.0 / 6));  // of six pairs four are in order
    CHECK(found.average_precision == Approx((1 + 2.0 / 3 + 3.0 / 4) / 3));
    CHECK(found.recall.back() == 1);
    CHECK(found.false_positive.back() == 1);
    CHECK(found.precision.back() == Approx(0.6));
    CHECK(found.thresholds.size() == 5);
}

TEST_CASE("equal scores are one point, half in order") {
    const Curves found = curves(Rows{0.5F, 0.5F, 0.5F, 0.5F}, std::array{true, false, true, false});
    CHECK(found.thresholds.size() == 1);
    CHECK(found.area == 0.5);
    CHECK(found.average_precision == 0.5);
}

TEST_CASE("areas of a class that is alone are not numbers") {
    CHECK(std::isnan(curves(Rows{0.5F, 0.6F}, std::array{true, true}).area));
    CHECK(curves(Rows{0.5F, 0.6F}, std::array{true, true}).average_precision == 1);
    CHECK(std::isnan(curves(Rows{0.5F}, std::array{false}).average_precision));
    CHECK(std::isnan(curves(Rows{}, std::span<const bool>{}).area));
}
