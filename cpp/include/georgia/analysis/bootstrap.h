#pragma once

#include <cstdint>
#include <span>

#include "georgia/analysis/metrics.h"
#include "georgia/base/parallel.h"

namespace georgia {

/// What is drawn again: whole groups (slides, batches, copies of one image), for images of a group
/// are not independent.
struct Resampling {
    std::span<const std::int64_t> groups;  ///< of each image, any numbers
    std::int64_t rounds = 2000;
    std::uint64_t seed = 0;
};

/// 95 % intervals by percentiles of scores of groups drawn with replacement (B. Efron, Annals of
/// Statistics 7, 1979; groups: Davison and Hinkley, "Bootstrap methods", 1997, 3.8).
struct ScoreIntervals {
    Interval accuracy;
    Interval balanced_accuracy;
    Interval macro_f1;
    Interval kappa;
    Interval matthews;
};

/// Equal seeds give equal intervals, whatever the number of threads. Throws InvalidOption where
/// there are fewer than two groups.
ScoreIntervals bootstrap(
    std::span<const std::int64_t> labels,
    std::span<const std::int64_t> predictions,
    std::int64_t classes,
    const Resampling& resampling,
    const Parallel& how);

}  // namespace georgia
