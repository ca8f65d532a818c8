#pragma once

#include <cstdint>

#include "georgia/train/trainer.h"

namespace georgia {

/// How long a phase's parts take on this machine, in seconds.
struct Pace {
    double training = 0;          ///< an epoch: every image once
    double kept_training = 0;     ///< the same where the images' views are kept
    std::int64_t views = 0;       ///< that are kept; 0: none
    double validation = 0;        ///< the first of all validation images
    double later_validation = 0;  ///< which has less to compute where stages are frozen
    std::int64_t validations_of_epoch = 1;

    /// Of so many epochs.
    double seconds(std::int64_t epochs) const;
};

/// Trains some batches of a phase, for about a second and a half, and validates some; both are
/// continued in proportion. The first batches, for which buffers are made, do not count. Weights
/// are thrown away and nothing is written.
Pace measure_pace(
    const TrainJob& job, const TrainOptions& options, const Phase& phase, Progress& progress);

}  // namespace georgia
