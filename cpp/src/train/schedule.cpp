#include "georgia/train/schedule.h"

#include <cmath>
#include <limits>
#include <numbers>

namespace georgia {
namespace {

/// From one value to another along half a cosine.
double ease(double from, double to, double share) {
    return to + (from - to) * (1 + std::cos(std::numbers::pi * share)) / 2;
}

double cosine(double peak, double warm_up, const StepOfPhase& at) {
    const double rising = std::round(warm_up * static_cast<double>(at.steps));
    const auto step = static_cast<double>(at.step);
    if (step < rising) return peak * (step + 1) / (rising + 1);
    return ease(peak, 0, (step - rising) / (static_cast<double>(at.steps) - rising));
}

double one_cycle(double peak, const StepOfPhase& at) {
    if (at.steps == 1) return peak;  // torch would take the last, lowest rate
    const auto step = static_cast<double>(at.step);
    const auto last = static_cast<double>(at.steps - 1);
    const double top = 0.25 * static_cast<double>(at.steps) - 1;
    if (step <= top) return top > 0 ? ease(peak / 25, peak, step / top) : peak;
    return ease(peak, peak / 1e5, last > top ? (step - top) / (last - top) : 1);
}

}  // namespace

double learning_rate(
    Schedule schedule, const RateOptions& options, double peak, const StepOfPhase& at) {
    switch (schedule) {
        case Schedule::kConstant:
        case Schedule::kPlateau:
            return peak;
        case Schedule::kStep:
            return peak * std::pow(options.factor, at.epoch / options.step_epochs);
        case Schedule::kCosine:
            return cosine(peak, options.warm_up, at);
        case Schedule::kOneCycle:
            return one_cycle(peak, at);
    }
    return peak;
}

std::int64_t plateau_reductions(std::span<const double> losses, std::int64_t patience) {
    constexpr double kThreshold = 1e-4;
    double best = std::numeric_limits<double>::infinity();
    std::int64_t bad = 0;
    std::int64_t reductions = 0;
    for (const double loss : losses) {
        if (loss < best * (1 - kThreshold)) {
            best = loss;
            bad = 0;
        } else if (++bad > patience) {
            ++reductions;
            bad = 0;
        }
    }
    return reductions;
}

}  // namespace georgia
