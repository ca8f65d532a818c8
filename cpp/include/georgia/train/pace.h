#pragma once

#include "georgia/train/trainer.h"

namespace georgia {

/// How long an epoch of a phase takes on this machine, in seconds.
struct Pace {
    double training = 0;    ///< on every image once
    double validation = 0;  ///< of all images, as often as an epoch has it
};

/// Trains some batches of a phase, for about a second and a half, and validates some; both are
/// continued in proportion. The first batches, for which buffers are made, do not count. Weights
/// are thrown away and nothing is written.
Pace measure_pace(
    const TrainJob& job, const TrainOptions& options, const Phase& phase, Progress& progress);

}  // namespace georgia
