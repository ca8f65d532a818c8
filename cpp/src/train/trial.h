#pragma once

#include <cstdint>
#include <vector>

#include "georgia/data/loader.h"
#include "georgia/nn/precision.h"
#include "georgia/train/options.h"
#include "georgia/train/trainer.h"

#include "train/training_step.h"

namespace georgia {

/// A phase trained for its measurements alone: its weights are thrown away, nothing is written.
struct Trial {
    /// Images come without end. Throws InvalidOption where the network cannot be built.
    Trial(const TrainJob& job, const TrainOptions& options, const Phase& phase);

    Compute compute;
    ComputeSession session;
    Graph graph;
    TensorMap weights;
    std::vector<std::int64_t> class_counts;  // (K)
    TrainingStep step;
    Loader loader;
};

}  // namespace georgia
