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

/// Sums over the batches of an unfinished epoch.
struct RunningSums {
    double loss = 0;  ///< summed over images
    std::int64_t correct = 0;
    std::int64_t seen = 0;
    double seconds = 0;
};

/// The epoch whose weights are kept.
struct BestEpoch {
    std::int64_t epoch = 0;  ///< from 1; 0: none yet
    double accuracy = -1;    ///< on the validation split
    double loss = 0;         ///< breaks ties
    std::string sha256;      ///< of the model file
};

/// The exact state of a run: continuing from it equals never having stopped.
struct Checkpoint {
    TrainOptions options;
    std::string device;  ///< as resolved when the run began, like the two below
    Precision precision = Precision::kFloat32;
    std::int64_t threads = 1;
    std::string data_hash;
    Position position;  ///< the next batch
    RunningSums sums;
    BestEpoch best;
    std::vector<EpochRecord> history;
    TensorMap weights;
    TensorMap optimizer;
};

void write_checkpoint(const std::filesystem::path& path, const Checkpoint& checkpoint);

Checkpoint read_checkpoint(const std::filesystem::path& path);

}  // namespace georgia
