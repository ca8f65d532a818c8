#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "georgia/data/loader.h"
#include "georgia/nn/graph.h"
#include "georgia/nn/precision.h"
#include "georgia/train/checkpoint.h"
#include "georgia/train/trainer.h"

#include "train/run_files.h"
#include "train/step_ledger.h"
#include "train/training_step.h"
#include "train/validator.h"

namespace georgia {

/// A stretch of epochs, counted over the whole run.
struct EpochRange {
    std::int64_t first = 0;
    std::int64_t end = 0;
};

/// A run at work: the state that a checkpoint saves, and what is derived from it. run.cpp holds the
/// way through phases and batches, run_records.cpp what is written down.
class Run {
  public:
    /// Begins with the options, or continues from the checkpoint that lies in the job's folder.
    /// Steps are waited for after so many of them; by default a GPU's seldom, others at once.
    Run(const TrainJob& job,
        const TrainOptions& options,
        TrainObserver& observer,
        std::optional<std::int64_t> most_unread = {});

    /// Trains until the last epoch, or until something ends it.
    void work();

  private:
    using Clock = std::chrono::steady_clock;

    void begin(const TrainOptions& options);

    void continue_from(Checkpoint saved);

    NetworkSpec network() const;

    void work_phase(std::size_t index, EpochRange range);

    /// Lets the step keep views of the images if the options want it and it is of use.
    ViewOptions begin_views(TrainingStep& step, const EpochRange& range);

    /// True where a GPU holds the training images now, and augments them itself.
    bool place_images(TrainingStep& step);

    /// Where what the frozen part gives of a split is kept, if the options want it.
    std::optional<BankFile> bank_file_of(
        const TrainingStep& step, const std::string& split, std::int64_t first_epoch) const;

    /// One batch, or the validation that is due before the next one.
    void advance(Loader& loader, TrainingStep& step, Validator& validator, const EpochRange& range);

    /// It follows from what a checkpoint holds, so that one that was interrupted is repeated.
    bool is_validation_due(std::int64_t batches) const;

    double rate_at(Position position, std::int64_t batches, const EpochRange& range) const;

    void train_batch(Loader& loader, TrainingStep& step);

    /// Waits for what steps told and adds it to the state; throws where they diverged.
    void read_steps();

    /// `steps` of the run were finite.
    [[noreturn]] void throw_diverged(const std::string& what, std::int64_t steps) const;

    /// The weights that are validated and kept.
    TensorMap& chosen_weights();

    void finish_record(Validator& validator, std::int64_t batches, const EpochRange& range);

    EpochRecord record_of(const Validation& result) const;

    bool is_better(const EpochRecord& record) const;

    double seconds() const;

    /// Writes the checkpoint. Nothing that is not finite is ever written.
    void save(const ModelFile* new_best);

    /// Saves what was done before an exception goes on; a failure of its own is only told.
    void save_before_leaving();

    const TrainJob& job_;
    TrainObserver& observer_;
    RunFiles files_;
    std::vector<std::int64_t> class_counts_;
    Checkpoint state_;
    Compute compute_;
    std::optional<Graph> graph_;
    std::optional<ComputeSession> session_;
    std::int64_t most_unread_ = 1;
    std::optional<DeviceImages> placed_;  // on a GPU, for all phases

    // of the phase at work
    const Phase* phase_ = nullptr;
    std::int64_t phase_number_ = 0;
    Preprocess preprocess_;
    std::shared_ptr<DecodeCache> cache_;
    double rate_ = 0;
    std::optional<StepLedger> ledger_;
    StepReading last_;
    bool is_changing_ = false;  // the state is between two that could be continued from
    Clock::time_point last_save_;
    Clock::time_point last_record_;
};

}  // namespace georgia
