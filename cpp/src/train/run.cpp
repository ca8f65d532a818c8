#include "train/run.h"

#include <ATen/ATen.h>
#include <cmath>
#include <sstream>
#include <utility>

#include "georgia/base/error.h"
#include "georgia/nn/zoo.h"
#include "georgia/train/schedule.h"

#include "train/average.h"
#include "train/bank_key.h"
#include "train/job_setup.h"
#include "train/seconds.h"

namespace georgia {
namespace {

/// Steps of a GPU between two readings; one would make it wait for the CPU each time.
constexpr std::int64_t kMostUnread = 50;

}  // namespace

Run::Run(
    const TrainJob& job,
    const TrainOptions& options,
    TrainObserver& observer,
    std::optional<std::int64_t> most_unread)
    : job_(job),
      observer_(observer),
      files_(job.folder, job.classes),
      class_counts_(class_counts_of(job)) {
    if (std::optional<Checkpoint> saved = files_.open())
        continue_from(std::move(*saved));
    else
        begin(options);
    const bool waits = !compute_.device.is_cuda() || observer.watches_batches();
    most_unread_ = most_unread.value_or(waits ? 1 : kMostUnread);
    session_.emplace(static_cast<int>(state_.threads));
    state_.threads = session_->threads();  // 0 is resolved once, and read back on resuming
    for (TensorMap* part : {&state_.weights, &state_.average})
        for (auto& [name, tensor] : *part) tensor = tensor.to(compute_.device);
}

void Run::work() {
    EpochRange range;
    for (std::size_t i = 0; i < state_.options.phases.size(); ++i) {
        range = {range.end, range.end + state_.options.phases[i].epochs};
        if (state_.ended.empty() && state_.position.epoch < range.end) work_phase(i, range);
    }
}

void Run::begin(const TrainOptions& options) {
    state_.options = options;
    if (!options.bank_folder.empty())  // a run may be resumed from elsewhere
        state_.options.bank_folder = std::filesystem::absolute(options.bank_folder).string();
    state_.data_hash = job_.data_hash;
    compute_ = resolve_compute(options.device, options.precision);
    if (options.precision == PrecisionRequest::kAuto)
        observer_.on_notice(
            "computes in " + std::string(name_of(compute_.precision)) + ": " +
            reason_for(compute_));
    state_.device = compute_.device.str();
    state_.precision = compute_.precision;
    state_.threads = options.threads;
    graph_.emplace(build_network(network()));
    state_.weights = first_weights(job_, *graph_, options);
}

void Run::continue_from(Checkpoint saved) {
    state_ = std::move(saved);
    if (state_.best.epoch == 0 && !state_.history.empty())
        observer_.on_notice(
            "model.safetensors is not the one that the checkpoint names; the best is chosen anew");
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

NetworkSpec Run::network() const {
    return state_.options.network_spec(static_cast<std::int64_t>(job_.classes.size()));
}

void Run::work_phase(std::size_t index, EpochRange range) {
    phase_ = &state_.options.phases[index];
    phase_number_ = static_cast<std::int64_t>(index) + 1;
    const Training training{
        *graph_, state_.weights, state_.options, job_.train, class_counts_, compute_};
    TrainingStep step(training, *phase_);
    if (!state_.optimizer.empty()) step.optimizer().copy_state(state_.optimizer);
    state_.optimizer = step.optimizer().state();

    preprocess_ = step.preprocess();
    const int threads = session_->threads();
    LoaderOptions loading = training_loading(state_.options, *phase_, threads, range.end);
    loading.views = begin_views(step, range);
    // Of an earlier phase it holds what this one needs, but where files were reduced for its size.
    if (!cache_ || preprocess_.jpeg_reduce)
        cache_ = std::make_shared<DecodeCache>(state_.options.cache_mib << 20);
    loading.cache = cache_;
    loading.pixels = !place_images(step);
    LoaderOptions validating = validation_loading(state_.options, *phase_, threads);
    if (step.frozen() == nullptr) validating.cache = cache_;  // else they are mostly seen once
    Loader loader(job_.train, preprocess_, loading);
    Validator validator(
        *graph_,
        compute_,
        job_.validation,
        preprocess_,
        validating,
        step.frozen(),
        state_.options.bank_bytes(),
        bank_file_of(step, "validation", range.first));
    loader.seek(state_.position);
    ledger_.emplace(compute_.device, state_.sums);
    last_save_ = last_record_ = Clock::now();
    while (state_.ended.empty() && state_.position.epoch < range.end) {
        try {
            advance(loader, step, validator, range);
        } catch (const Diverged&) {
            throw;
        } catch (...) {
            save_before_leaving();
            throw;
        }
    }
}

bool Run::place_images(TrainingStep& step) {
    const TrainOptions& options = state_.options;
    if (!compute_.device.is_cuda() || options.device_mib == 0) return false;
    if (!placed_ || preprocess_.jpeg_reduce) {  // which decodes files for the phase's size
        placed_.reset();
        placed_ = DeviceImages::load(
            job_.train,
            preprocess_,
            options.limits,
            {compute_.device, options.device_mib << 20},
            {session_->threads(), "place", observer_});
    }
    if (placed_)
        step.take_images(placed_->seen_through(preprocess_));
    else
        observer_.on_notice(
            "the training images come from the CPU: they need more than device_mib");
    return placed_.has_value();
}

std::optional<BankFile> Run::bank_file_of(
    const TrainingStep& step, const std::string& split, std::int64_t first_epoch) const {
    const TrainOptions& options = state_.options;
    if (options.bank_folder.empty() || step.frozen() == nullptr || !compute_.device.is_cpu())
        return {};
    const std::string values = step.frozen()->key();
    const std::string views =
        split == "train" ? key_of_views(options, first_epoch) : std::string("as they are");
    const std::string images = state_.data_hash + " " + split + " " + key_of_images(preprocess_);
    // Sums of other numbers of threads or images at once may end in other digits.
    const std::string sums =
        std::to_string(state_.threads) + " " + std::to_string(options.accumulate);
    const auto tell = [this, split](const std::string& why) {
        observer_.on_notice("the bank of the " + split + " split stays in memory: " + why);
    };
    return BankFile{options.bank_folder, key_of({values, images, views, sums}), tell};
}

ViewOptions Run::begin_views(TrainingStep& step, const EpochRange& range) {
    const std::int64_t views = state_.options.bank_views;
    if (views == 0 || views >= phase_->epochs) return {};  // each would be seen once
    const std::int64_t entries = entries_of(job_.train, state_.options);
    if (step.could_keep_views(entries))
        return step.keep_views(entries, range.first, bank_file_of(step, "train", range.first));
    std::string why = "no stage is frozen from the first on";
    if (step.frozen() != nullptr)
        why = "they need " +
              std::to_string((entries * views * step.frozen()->bytes_of_image() >> 20) + 1) +
              " MiB, and bank_mib is " + std::to_string(state_.options.bank_mib);
    observer_.on_notice(
        "phase " + std::to_string(phase_number_) + " keeps no views of the images: " + why);
    return {};
}

void Run::advance(
    Loader& loader, TrainingStep& step, Validator& validator, const EpochRange& range) {
    const std::int64_t batches = loader.plan().batches();
    if (is_validation_due(batches)) {
        rate_ = rate_at({state_.position.epoch, state_.position.batch - 1}, batches, range);
        finish_record(validator, batches, range);
        return;
    }
    rate_ = rate_at(state_.position, batches, range);
    train_batch(loader, step);
    const double mean = state_.sums.loss / static_cast<double>(state_.sums.seen);
    observer_.on_batch({state_.position.epoch + 1, state_.step, mean, rate_, last_.last_norm});
    observer_.advance_or_throw({"train", state_.position.batch, batches, mean});
    const double budget = 60 * state_.options.stop.minutes;
    if (observer_.should_stop()) state_.ending = "it was asked to stop";
    if (budget > 0 && seconds() > budget) state_.ending = "its time is over";
    if (seconds_since(last_save_) > 60 * state_.options.save_minutes) save(nullptr);
}

bool Run::is_validation_due(std::int64_t batches) const {
    if (state_.position.batch == batches) return true;
    const bool is_done =
        state_.history.empty() ? state_.step == 0 : state_.history.back().step == state_.step;
    const std::int64_t every = state_.options.validate_every;
    return !is_done && (!state_.ending.empty() || (every > 0 && state_.step % every == 0));
}

double Run::rate_at(Position position, std::int64_t batches, const EpochRange& range) const {
    const std::int64_t epoch = position.epoch - range.first;
    const StepOfPhase at{
        epoch * batches + position.batch, (range.end - range.first) * batches, epoch};
    const RateOptions& rates = state_.options.rates;
    double rate = learning_rate(phase_->schedule, rates, phase_->learning_rate, at);
    if (phase_->schedule != Schedule::kPlateau) return rate;
    std::vector<double> losses;
    for (const EpochRecord& record : state_.history)
        if (record.phase == phase_number_) losses.push_back(record.validation_loss);
    return rate * std::pow(rates.factor, plateau_reductions(losses, rates.patience));
}

void Run::train_batch(Loader& loader, TrainingStep& step) {
    const Clock::time_point start = Clock::now();
    const BatchView batch = loader.next();
    batch.rethrow_failure();
    is_changing_ = true;  // running statistics move before the weights do
    const StepResult result = step.backward(batch);
    if (step.parts() > state_.options.accumulate) {
        state_.options.accumulate = step.parts();
        observer_.on_notice(
            "out of memory: from here on gradients are added up over " +
            std::to_string(step.parts()) + " parts of a batch");
    }
    ledger_->add(result, batch.count, rate_);
    step.update(result, rate_, ledger_->diverged());
    if (state_.options.ema > 0)
        update_average(state_.average, state_.weights, state_.options.ema, state_.step);
    ++state_.position.batch;
    ++state_.step;
    is_changing_ = false;
    if (ledger_->unread() >= most_unread_ || state_.sums.seen == 0) read_steps();
    state_.sums.seconds += seconds_since(start);
}

void Run::read_steps() {
    if (ledger_->unread() == 0) return;
    const std::int64_t read_before = state_.step - ledger_->unread();
    last_ = ledger_->read();
    state_.sums.loss = last_.loss;
    state_.sums.correct = last_.correct;
    state_.sums.seen = last_.seen;
    if (last_.diverged)
        throw_diverged(
            std::isfinite(last_.last_loss) ? "the gradient" : "the loss",
            read_before + last_.finite_steps);
}

void Run::throw_diverged(const std::string& what, std::int64_t steps) const {
    const bool is_epoch_over = state_.position.batch == 0 && state_.step > 0;
    std::ostringstream subject;
    subject << "after " << steps << " steps, in epoch "
            << state_.position.epoch + (is_epoch_over ? 0 : 1) << ", learning rate "
            << last_.last_rate << ", loss " << last_.last_loss;
    if (std::isfinite(last_.last_loss)) subject << ", norm of the gradient " << last_.last_norm;
    throw Diverged(
        "train",
        subject.str(),
        what +
            " is not finite any more; a lower learning rate may help. What was saved before is "
            "as it was");
}

}  // namespace georgia
