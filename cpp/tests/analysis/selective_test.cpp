#include "georgia/analysis/selective.h"

#include <array>
#include <limits>

#include "georgia/base/error.h"

#include "catch.h"

using namespace georgia;

TEST_CASE("risk falls where the unsure are left out") {
    const std::array confidences{0.6F, 0.9F, 0.8F, 0.7F};
    const std::array is_right{false, true, true, true};
    const RiskCoverage curve = risk_coverage(confidences, is_right);
    CHECK(curve.coverage == std::vector{0.25, 0.5, 0.75, 1.0});
    CHECK(curve.risk == std::vector{0.0, 0.0, 0.0, 0.25});
    CHECK(curve.thresholds.back() == Approx(0.6F));
    CHECK(curve.area == Approx(0.25 / 4));
}

TEST_CASE("equal confidences are one answer, in whatever order") {
    const std::array confidences{0.5F, 0.5F};
    const std::array<bool, 2> wrong_first{false, true};
    const std::array<bool, 2> right_first{true, false};
    const RiskCoverage one = risk_coverage(confidences, wrong_first);
    CHECK(one.coverage == std::vector{1.0});
    CHECK(one.risk == std::vector{0.5});
    CHECK(one.area == Approx(0.5));
    CHECK(risk_coverage(confidences, right_first).area == one.area);
}

TEST_CASE("confidences that are none are refused") {
    const std::array<bool, 1> is_right{true};
    const std::array nan{std::numeric_limits<float>::quiet_NaN()};
    CHECK_THROWS_AS(risk_coverage(nan, is_right), InvalidOption);
    CHECK_THROWS_AS(risk_coverage({}, {}), InvalidOption);
}
