#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "georgia/data/epoch_plan.h"
#include "georgia/nn/parameters.h"
#include "georgia/train/history.h"
#include "georgia/train/options.h"

namespace georgia {

/// Sums over the batches since the last validation.
struct RunningSums {
    double loss = 0;  ///< summed over images
    std::int64_t correct = 0;
    std::int64_t seen = 0;
    double seconds = 0;
};

/// The validation whose weights are kept.
struct BestEpoch {
    std::int64_t epoch = 0;  ///< from 1; 0: none yet
    double value = 0;        ///< of the metric that decides
    double loss = 0;         ///< on the validation split; breaks ties
    std::string sha256;      ///< of the model file
};

/// The exact state of a run: continuing from it equals never having stopped.
struct Checkpoint {
    TrainOptions options;
    std::string device;  ///< as resolved when the run began, like the two below
    Precision precision = Precision::kFloat32;
    std::int64_t threads = 1;
    std::string data_hash;
    Position position;      ///< the next batch
    std::int64_t step = 0;  ///< batches behind it, over all epochs
    double seconds = 0;     ///< wall time of the run up to here
    std::string ending;     ///< why the next validation is to be the last
    std::string ended;      ///< why no epoch follows; empty while some do
    RunningSums sums;
    BestEpoch best;
    std::vector<EpochRecord> history;
    TensorMap weights;
    TensorMap optimizer;
    TensorMap average;  ///< exponential moving average of the weights, where it is asked for

    /// No epoch is left.
    bool is_over() const;
};

/// Name of the checkpoint before the last, in the same folder.
inline constexpr const char* kPreviousCheckpoint = "checkpoint.previous.safetensors";

void write_checkpoint(const std::filesystem::path& path, const Checkpoint& checkpoint);

Checkpoint read_checkpoint(const std::filesystem::path& path);

/// The same without tensors and history, at the cost of a few kilobytes.
Checkpoint read_checkpoint_header(const std::filesystem::path& path);

}  // namespace georgia
