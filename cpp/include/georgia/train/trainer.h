#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "georgia/base/progress.h"
#include "georgia/data/sample.h"
#include "georgia/nn/parameters.h"
#include "georgia/train/history.h"
#include "georgia/train/options.h"

namespace georgia {

/// What is trained on, and where the run's files go.
struct TrainJob {
    std::filesystem::path folder;
    std::vector<std::string> classes;  // (K)
    std::vector<Sample> train;
    std::vector<Sample> validation;
    std::string data_hash;          ///< of the samples and their split
    std::string provenance = "{}";  ///< JSON, kept in the model file
    TensorMap weights;              ///< to begin with; empty: fresh ones
};

/// Told of every batch and every epoch.
class TrainObserver : public Progress {
  public:
    virtual void on_epoch(const EpochRecord&) {}
};

/// Throws InvalidOption unless the network can be built for so many classes and computes at the
/// size of every phase.
void check_network(const TrainOptions& options, std::int64_t classes);

/// Starts a run in job.folder, or continues the one whose checkpoint lies there (its options and
/// resolved settings then hold, not the given ones), and works until the last epoch.
///
/// Writes checkpoint.safetensors, model.safetensors (best epoch by validation accuracy, then loss)
/// and history.csv. Cancelled, and every other failure between two batches, leaves a checkpoint
/// from which the run continues exactly.
void train(const TrainJob& job, const TrainOptions& options, TrainObserver& observer);

}  // namespace georgia
