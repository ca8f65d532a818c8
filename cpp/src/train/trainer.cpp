#include "georgia/train/trainer.h"

#include <ATen/ATen.h>
#include <chrono>
#include <cmath>
#include <optional>
#include <set>
#include <sstream>
#include <utility>

#include "georgia/base/error.h"
#include "georgia/data/batch.h"
#include "georgia/data/loader.h"
#include "georgia/engine/inference.h"
#include "georgia/engine/model_file.h"
#include "georgia/nn/execute.h"
#include "georgia/nn/shapes.h"
#include "georgia/nn/zoo.h"
#include "georgia/train/checkpoint.h"
#include "georgia/train/optimizer.h"
#include "georgia/train/schedule.h"

#include "train/run_files.h"
#include "train/validator.h"

namespace georgia {
namespace {

/// Of the second classifier's loss (Szegedy et al., "Going deeper with convolutions", 2015, and
/// torchvision's recipe, which takes 0.4 where the paper has 0.3).
constexpr double kAuxiliaryShare = 0.4;

using Clock = std::chrono::steady_clock;

double seconds_since(Clock::time_point start) {
    return std::chrono::duration<double>(Clock::now() - start).count();
}

/// A stretch of epochs, counted over the whole run.
struct EpochRange {
    std::int64_t first = 0;
    std::int64_t end = 0;
};

/// A run at work: the state that a checkpoint saves, and what is derived from it.
class Run {
  public:
    Run(const TrainJob& job, const TrainOptions& options, TrainObserver& observer)
        : job_(job), observer_(observer), files_(job.folder) {
        if (std::optional<Checkpoint> saved = files_.open())
            continue_from(std::move(*saved));
        else
            begin(options);
        session_.emplace(static_cast<int>(state_.threads));
        state_.threads = session_->threads();  // 0 is resolved once, and read back on resuming
        for (auto& [name, tensor] : state_.weights) tensor = tensor.to(compute_.device);
    }

    void work() {
        EpochRange range;
        for (std::size_t i = 0; i < state_.options.phases.size(); ++i) {
            range = {range.end, range.end + state_.options.phases[i].epochs};
            if (state_.position.epoch < range.end) work_phase(i, range);
        }
    }

  private:
    void begin(const TrainOptions& options) {
        state_.options = options;
        state_.data_hash = job_.data_hash;
        compute_ = resolve_compute(options.device, options.precision);
        state_.device = compute_.device.str();
        state_.precision = compute_.precision;
        state_.threads = options.threads;
        graph_.emplace(build_network(network()));
        for (const auto& [name, tensor] : job_.weights) state_.weights[name] = tensor.clone();
        if (state_.weights.empty())
            state_.weights = initial_weights(*graph_, static_cast<std::uint64_t>(options.seed));
        check_weights(*graph_, state_.weights, "the weights to begin with");
    }

    void continue_from(Checkpoint saved) {
        state_ = std::move(saved);
        if (state_.data_hash != job_.data_hash)
            throw BadInput(
                "resume",
                job_.folder.string(),
                "the images or their split are not those this run began with");
        compute_ = resolve_compute(state_.device, PrecisionRequest::kFloat32);
        compute_.precision = state_.precision;
        graph_.emplace(build_network(network()));
        check_weights(*graph_, state_.weights, (job_.folder / "checkpoint.safetensors").string());
    }

    NetworkSpec network() const {
        return state_.options.network_spec(static_cast<std::int64_t>(job_.classes.size()));
    }

    void work_phase(std::size_t index, EpochRange range) {
        const Phase& phase = state_.options.phases[index];
        phase_ = &phase;
        phase_number_ = static_cast<std::int64_t>(index) + 1;
        preprocess_ = state_.options.preprocess_of(phase);
        const std::set<std::string> trainable = stages_named(*graph_, phase.trainable);
        outputs_ = {graph_->output()};
        if (trainable.contains("head") && auxiliary_fits(*graph_, phase.size))
            outputs_.push_back(*graph_->auxiliary_output());
        set_trainable(*graph_, state_.weights, trainable, outputs_.size() > 1);
        mode_.normalise_by_batch = trainable;
        mode_.drop = trainable;
        if (phase.train_norm)
            for (const std::string& stage : graph_->stages())
                mode_.normalise_by_batch.insert(stage);

        Optimizer optimizer(*graph_, state_.weights, state_.options);
        if (!state_.optimizer.empty()) optimizer.copy_state(state_.optimizer);
        state_.optimizer = optimizer.state();

        Loader loader(job_.train, preprocess_, loading(/*augmented=*/true, range.end));
        Validator validator(
            job_.validation, network().classes, preprocess_, loading(/*augmented=*/false, 1));
        loader.seek(state_.position);
        while (state_.position.epoch < range.end) {
            const Clock::time_point start = Clock::now();
            const Validation result = work_epoch(loader, optimizer, validator, range);
            if (state_.position.epoch + 1 == range.end) state_.optimizer.clear();
            finish_epoch(result, start);
        }
    }

    LoaderOptions loading(bool augmented, std::int64_t epochs) const {
        LoaderOptions options;
        options.limits = state_.options.limits;
        options.batch = phase_->batch;
        options.epochs = epochs;
        options.threads = session_->threads();
        options.shuffle = augmented;
        options.seed = static_cast<std::uint64_t>(state_.options.seed);
        if (augmented) options.augment = state_.options.augment;
        return options;
    }

    /// The rest of an epoch and its validation. Whatever stops it leaves a checkpoint behind, save
    /// a loss that is not finite and a failure in the middle of a step.
    Validation work_epoch(
        Loader& loader, Optimizer& optimizer, Validator& validator, EpochRange range) {
        try {
            const std::int64_t batches = loader.plan().batches();
            while (state_.position.batch < batches) {
                rate_ = rate_at(state_.position, batches, range);
                step(loader, optimizer);
                ++state_.position.batch;
                const double mean = state_.sums.loss / static_cast<double>(state_.sums.seen);
                observer_.advance_or_throw({"train", state_.position.batch, batches, mean});
            }
            rate_ = rate_at({state_.position.epoch, batches - 1}, batches, range);
            Inference inference(*graph_, state_.weights, compute_);
            Validation result = validator.run(inference, observer_);
            if (!std::isfinite(result.loss)) throw_diverged("the validation loss");
            return result;
        } catch (const Diverged&) {
            throw;
        } catch (...) {
            if (!is_mid_step_) save(nullptr);
            throw;
        }
    }

    /// Writes the checkpoint. Nothing that is not finite is ever written.
    void save(const ModelFile* new_best) {
        for (const auto& [name, tensor] : state_.weights)
            if (!at::isfinite(tensor).all().item<bool>()) throw_diverged(name);
        files_.write(state_, new_best);
    }

    double rate_at(Position position, std::int64_t batches, EpochRange range) const {
        const std::int64_t behind = (position.epoch - range.first) * batches + position.batch;
        const std::int64_t steps = (range.end - range.first) * batches;
        return learning_rate(
            phase_->schedule,
            phase_->learning_rate,
            static_cast<double>(behind) / static_cast<double>(steps));
    }

    void step(Loader& loader, Optimizer& optimizer) {
        const Clock::time_point start = Clock::now();
        const BatchView batch = loader.next();
        batch.rethrow_failure();
        const at::Tensor input = normalised(batch, preprocess_, compute_.type(), compute_.device);
        const at::Tensor labels = labels_of(batch, job_.train, compute_.device);
        is_mid_step_ = true;  // the running statistics move before the weights do
        mode_.key = {
            static_cast<std::uint64_t>(state_.options.seed),
            static_cast<std::uint32_t>(state_.position.epoch),
            static_cast<std::uint32_t>(state_.position.batch)};
        const std::vector<at::Tensor> outputs =
            execute(*graph_, state_.weights, input, outputs_, mode_);
        const at::Tensor logits = outputs[0].to(at::kFloat);
        at::Tensor loss = at::cross_entropy_loss(logits, labels);
        const double value = loss.item<double>();
        if (!std::isfinite(value)) throw_diverged("the loss");
        if (outputs.size() > 1)
            loss = loss + kAuxiliaryShare * at::cross_entropy_loss(outputs[1], labels);
        loss.backward();
        optimizer.step(rate_);
        state_.sums.loss += value * static_cast<double>(batch.count);
        state_.sums.correct += logits.argmax(1).eq(labels).sum().item<std::int64_t>();
        state_.sums.seen += batch.count;
        state_.sums.seconds += seconds_since(start);
        is_mid_step_ = false;
    }

    [[noreturn]] void throw_diverged(const std::string& what) const {
        std::ostringstream subject;
        subject << "epoch " << state_.position.epoch + 1 << ", batch " << state_.position.batch + 1
                << ", learning rate " << rate_;
        throw Diverged(
            "train",
            subject.str(),
            what +
                " is not finite any more; a lower learning rate may help, and the last "
                "checkpoint is as it was");
    }

    void finish_epoch(const Validation& result, Clock::time_point start) {
        const RunningSums& sums = state_.sums;
        const auto seen = static_cast<double>(sums.seen);
        EpochRecord record;
        record.epoch = state_.position.epoch + 1;
        record.phase = phase_number_;
        record.size = phase_->size;
        record.learning_rate = rate_;
        record.train_loss = sums.loss / seen;
        record.train_accuracy = static_cast<double>(sums.correct) / seen;
        record.validation_loss = result.loss;
        record.validation_accuracy = result.scores.accuracy;
        record.validation_macro_f1 = result.scores.macro.f1;
        record.seconds = seconds_since(start);
        record.images_per_second = seen / sums.seconds;
        state_.history.push_back(record);
        state_.sums = {};
        state_.position = {state_.position.epoch + 1, 0};

        std::optional<ModelFile> new_best;
        if (is_better(record)) {
            state_.best = {record.epoch, record.validation_accuracy, record.validation_loss, {}};
            new_best.emplace(
                ModelFile{network(), job_.classes, preprocess_, job_.provenance, state_.weights});
        }
        save(new_best ? &*new_best : nullptr);
        observer_.on_epoch(record);
    }

    bool is_better(const EpochRecord& record) const {
        if (record.validation_accuracy != state_.best.accuracy)
            return record.validation_accuracy > state_.best.accuracy;
        return record.validation_loss < state_.best.loss;
    }

    const TrainJob& job_;
    TrainObserver& observer_;
    RunFiles files_;
    Checkpoint state_;
    Compute compute_;
    std::optional<Graph> graph_;
    std::optional<ComputeSession> session_;

    // of the phase at work
    const Phase* phase_ = nullptr;
    std::int64_t phase_number_ = 0;
    Preprocess preprocess_;
    ExecuteMode mode_;
    std::vector<NodeId> outputs_;  // the logits, and those of the second classifier
    double rate_ = 0;
    bool is_mid_step_ = false;
};

}  // namespace

void check_network(const TrainOptions& options, std::int64_t classes) {
    options.validate();
    const Graph graph = build_network(options.network_spec(classes));
    for (const Phase& phase : options.phases) infer_shapes(graph, phase.size);
}

void train(const TrainJob& job, const TrainOptions& options, TrainObserver& observer) {
    check_network(options, static_cast<std::int64_t>(job.classes.size()));
    if (job.train.empty() || job.validation.empty())
        throw InvalidOption("train", "data", "expected training and validation images");
    Run(job, options, observer).work();
}

}  // namespace georgia
