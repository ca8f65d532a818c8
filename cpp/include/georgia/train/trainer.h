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

/// What a batch left behind.
struct BatchRecord {
    std::int64_t epoch = 0;  ///< from 1
    std::int64_t step = 0;   ///< batches of the run so far
    double loss = 0;         ///< mean since the last validation
    double learning_rate = 0;
    double gradient_norm = 0;
};

/// Told of every batch and every validation; all calls come from the training's own thread.
class TrainObserver : public Progress {
  public:
    virtual void on_batch(const BatchRecord&) {}

    /// True where on_batch should tell of the batch itself; a GPU's numbers may else be those of
    /// some batches before.
    virtual bool watches_batches() const {
        return false;
    }

    virtual void on_epoch(const EpochRecord&) {}

    /// Something the user should read.
    virtual void on_notice(const std::string&) {}

    /// Asked after every batch; true ends the training with a last validation.
    virtual bool should_stop() {
        return false;
    }
};

/// Throws InvalidOption unless the network can be built for so many classes and computes at the
/// size of every phase.
void check_network(const TrainOptions& options, std::int64_t classes);

/// Starts a run in job.folder, or continues the one whose checkpoint lies there (its options and
/// resolved settings then hold, not the given ones), and works until the last epoch.
///
/// Writes checkpoint.safetensors, model.safetensors (best by options.best, then by validation loss)
/// and history.csv. Cancelled, and every other failure between two batches, leaves a checkpoint
/// from which the run continues exactly.
void train(const TrainJob& job, const TrainOptions& options, TrainObserver& observer);

}  // namespace georgia
