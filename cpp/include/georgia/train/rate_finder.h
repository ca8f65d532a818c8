#pragma once

#include <vector>

#include "georgia/train/trainer.h"

namespace georgia {

/// The learning rates that a range test tried, and what the loss did.
struct RateCurve {
    std::vector<double> rates;   // (S) rising by a constant factor
    std::vector<double> losses;  // (S) smoothed over about twenty steps
};

/// Learning-rate range test (L. N. Smith, "Cyclical learning rates for training neural networks",
/// WACV 2017): trains the first phase for a number of steps while the rate rises from low to high,
/// and ends early once the loss is four times its least. Nothing is written.
RateCurve find_rate(
    const TrainJob& job,
    const TrainOptions& options,
    std::int64_t steps,
    double low,
    double high,
    Progress& progress);

/// The rate at which the loss falls steepest before its least, measured over a tenth of the steps;
/// 0 where it never falls.
double suggested_rate(const RateCurve& curve);

}  // namespace georgia
