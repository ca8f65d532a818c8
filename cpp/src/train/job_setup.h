#pragma once

#include <cstdint>
#include <vector>

#include "georgia/data/loader.h"
#include "georgia/nn/graph.h"
#include "georgia/nn/parameters.h"
#include "georgia/train/trainer.h"

namespace georgia {

/// Training images of each class, (K); a label without class is refused, in validation too.
std::vector<std::int64_t> class_counts_of(const TrainJob& job);

/// The job's own weights, copied, or fresh ones.
TensorMap first_weights(const TrainJob& job, const Graph& graph, const TrainOptions& options);

/// Entries of an epoch: the samples, and copies of them where they balance the classes.
std::int64_t entries_of(const std::vector<Sample>& samples, const TrainOptions& options);

/// How the validation images of a phase are loaded.
LoaderOptions validation_loading(const TrainOptions& options, const Phase& phase, int threads);

/// How its training images are: shuffled, sampled and augmented, for a number of epochs.
LoaderOptions training_loading(
    const TrainOptions& options, const Phase& phase, int threads, std::int64_t epochs);

}  // namespace georgia
