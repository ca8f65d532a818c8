#include "georgia/train/schedule.h"

#include <vector>

#include "catch.h"

using namespace georgia;

namespace {

double rate(Schedule schedule, std::int64_t step, const RateOptions& options = {}) {
    return learning_rate(schedule, options, 0.5, {step, 40, step / 10});
}

}  // namespace

TEST_CASE("schedules start, peak and end where they say") {
    CHECK(rate(Schedule::kConstant, 39) == 0.5);
    CHECK(rate(Schedule::kPlateau, 39) == 0.5);
    CHECK(rate(Schedule::kCosine, 0) == Approx(0.5));
    CHECK(rate(Schedule::kCosine, 20) == Approx(0.25));
    CHECK(rate(Schedule::kCosine, 40) == Approx(0).margin(1e-12));
    CHECK(rate(Schedule::kOneCycle, 0) == Approx(0.02));
    CHECK(rate(Schedule::kOneCycle, 9) == Approx(0.5));
    CHECK(rate(Schedule::kOneCycle, 39) == Approx(5e-6));
}

TEST_CASE("step reduces every few epochs, and a warm-up rises in a line") {
    RateOptions options;
    options.step_epochs = 2;
    options.warm_up = 0.1;
    CHECK(rate(Schedule::kStep, 19, options) == 0.5);
    CHECK(rate(Schedule::kStep, 20, options) == Approx(0.05));
    for (const std::int64_t step : {0, 1, 2, 3})
        CHECK(rate(Schedule::kCosine, step, options) == Approx(0.5 * double(step + 1) / 5));
    CHECK(rate(Schedule::kCosine, 4, options) == Approx(0.5));
    CHECK(rate(Schedule::kCosine, 22, options) == Approx(0.25));
}

TEST_CASE("phases of very few steps have a rate, too") {
    for (const std::int64_t steps : {1, 2, 3, 4, 5})
        for (std::int64_t step = 0; step < steps; ++step)
            for (const Schedule schedule : {Schedule::kCosine, Schedule::kOneCycle}) {
                const double got = learning_rate(schedule, {}, 0.5, {step, steps, 0});
                CHECK((got > 0 && got <= 0.5));
                if (steps == 1) CHECK(got == 0.5);
            }
}

TEST_CASE("a plateau reduces after more than patience validations without improvement") {
    using Losses = std::vector<double>;
    CHECK(plateau_reductions(Losses{}, 0) == 0);
    CHECK(plateau_reductions(Losses{3, 2, 1}, 0) == 0);
    CHECK(plateau_reductions(Losses{3, 3}, 0) == 1);
    CHECK(plateau_reductions(Losses{3, 2.9999}, 0) == 1);  // less than 0.01 % better
    CHECK(plateau_reductions(Losses{1, 2, 2, 2}, 2) == 1);
    CHECK(plateau_reductions(Losses{1, 2, 2, 0.5, 2, 2}, 2) == 0);
    CHECK(plateau_reductions(Losses{1, 2, 2, 2, 2, 2, 2}, 2) == 2);
}
