#include "georgia/train/schedule.h"

#include <cmath>
#include <numbers>

namespace georgia {
namespace {

/// From one value to another along half a cosine.
double ease(double from, double to, double share) {
    return to + (from - to) * (1 + std::cos(std::numbers::pi * share)) / 2;
}

}  // namespace

double learning_rate(Schedule schedule, double peak, double done) {
    constexpr double kRise = 0.25;
    switch (schedule) {
        case Schedule::kConstant:
            return peak;
        case Schedule::kCosine:
            return ease(peak, 0, done);
        case Schedule::kOneCycle:
            return done < kRise ? ease(peak / 25, peak, done / kRise)
                                : ease(peak, peak / 1e5, (done - kRise) / (1 - kRise));
    }
    return peak;
}

}  // namespace georgia
