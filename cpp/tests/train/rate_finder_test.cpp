#include "georgia/train/rate_finder.h"

#include <ATen/ATen.h>
#include <cmath>
#include <memory>

#include "georgia/base/error.h"
#include "georgia/image/synthetic.h"

#include "catch.h"

using namespace georgia;

namespace {

TrainJob job() {
    TrainJob job;
    job.classes = {"needles", "plates"};
    for (std::int64_t label = 0; label < 2; ++label)
        for (std::uint32_t i = 0; i < 8; ++i)
            job.train.push_back(
                {std::make_shared<const Image>(draw_crystals(label, 40, 1, i)), label});
    return job;
}

TrainOptions options() {
    TrainOptions options;
    options.network = "small_cnn";
    options.threads = 2;
    options.precision = PrecisionRequest::kFloat32;
    options.phases[0].size = 32;
    options.phases[0].batch = 8;
    return options;
}

}  // namespace

TEST_CASE("the range test raises the rate evenly and ends where the loss explodes") {
    Progress progress;
    const RateCurve curve = find_rate(job(), options(), 60, 1e-6, 1e3, progress);
    REQUIRE(curve.rates.size() > 20);
    REQUIRE(curve.rates.size() == curve.losses.size());
    CHECK(curve.rates.size() < 60);
    CHECK(curve.rates[0] == Approx(1e-6));
    for (std::size_t i = 1; i < curve.rates.size(); ++i)
        CHECK(curve.rates[i] / curve.rates[i - 1] == Approx(std::pow(1e9, 1.0 / 59)));
    const double rate = suggested_rate(curve);
    CHECK((rate > 1e-6 && rate < curve.rates.back()));
    const RateCurve again = find_rate(job(), options(), 60, 1e-6, 1e3, progress);
    CHECK(again.losses == curve.losses);
}

TEST_CASE("the suggested rate stands where the loss falls steepest") {
    CHECK(suggested_rate({{1, 2, 4, 8, 16}, {5, 4.9, 4, 3.5, 9}}) == 4);
    CHECK(suggested_rate({{1, 2, 4, 8, 16}, {5, 4.9, 4.5, 20, 6}}) == 2);  // not after the least
    CHECK(suggested_rate({{1, 2, 4}, {1, 2, 3}}) == 0);
    CHECK(suggested_rate({}) == 0);
}

TEST_CASE("a range test of nothing is refused") {
    Progress progress;
    CHECK_THROWS_AS(find_rate(job(), options(), 5, 1e-6, 1, progress), InvalidOption);
    CHECK_THROWS_AS(find_rate(job(), options(), 50, 1, 1, progress), InvalidOption);
    TrainJob empty = job();
    empty.train.clear();
    CHECK_THROWS_AS(find_rate(empty, options(), 50, 1e-6, 1, progress), InvalidOption);
}
