#include "georgia/train/schedule.h"

#include "catch.h"

using namespace georgia;

TEST_CASE("schedules start, peak and end where they say") {
    CHECK(learning_rate(Schedule::kConstant, 0.5, 0.9) == 0.5);
    CHECK(learning_rate(Schedule::kCosine, 0.5, 0) == Approx(0.5));
    CHECK(learning_rate(Schedule::kCosine, 0.5, 0.5) == Approx(0.25));
    CHECK(learning_rate(Schedule::kCosine, 0.5, 1) == Approx(0).margin(1e-12));
    CHECK(learning_rate(Schedule::kOneCycle, 0.5, 0) == Approx(0.02));
    CHECK(learning_rate(Schedule::kOneCycle, 0.5, 0.25) == Approx(0.5));
    CHECK(learning_rate(Schedule::kOneCycle, 0.5, 1) == Approx(5e-6));
}
