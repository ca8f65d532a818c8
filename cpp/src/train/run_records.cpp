#include <ATen/ATen.h>
#include <cmath>
#include <sstream>

#include "georgia/base/error.h"
#include "georgia/engine/model_file.h"
#include "georgia/train/stopping.h"

#include "train/run.h"
#include "train/seconds.h"

namespace georgia {

TensorMap& Run::chosen_weights() {
    return state_.options.ema > 0 ? state_.average : state_.weights;
}

void Run::finish_record(Validator& validator, std::int64_t batches, const EpochRange& range) {
    const Clock::time_point start = Clock::now();
    read_steps();
    state_.sums.seconds += seconds_since(start);
    const Validation result = validator.run(chosen_weights(), observer_);
    if (!std::isfinite(result.loss)) throw_diverged("the validation loss", state_.step);
    const EpochRecord record = record_of(result);
    is_changing_ = true;
    state_.history.push_back(record);
    state_.sums = {};
    ledger_.emplace(compute_.device);
    if (state_.position.batch == batches) state_.position = {state_.position.epoch + 1, 0};
    if (state_.ending.empty())
        state_.ending = stop_reason(state_.options.stop, state_.history).value_or("");
    state_.ended = state_.ending;
    if (state_.position == Position{range.end, 0}) state_.optimizer.clear();

    std::optional<ModelFile> new_best;
    if (is_better(record)) {
        const double value = value_of(state_.options.best, record);
        state_.best = {record.epoch, value, record.validation_loss, {}};
        new_best.emplace(
            ModelFile{network(), job_.classes, preprocess_, job_.provenance, chosen_weights()});
    }
    save(new_best ? &*new_best : nullptr);
    is_changing_ = false;
    last_record_ = Clock::now();
    observer_.on_epoch(record);
    if (!state_.ended.empty()) observer_.on_notice("training ends: " + state_.ended);
}

EpochRecord Run::record_of(const Validation& result) const {
    const RunningSums& sums = state_.sums;
    const auto seen = static_cast<double>(sums.seen);
    EpochRecord record;
    record.epoch = state_.position.epoch + 1;
    record.step = state_.step;
    record.phase = phase_number_;
    record.size = phase_->size;
    record.learning_rate = rate_;
    record.train_loss = sums.loss / seen;
    record.train_accuracy = static_cast<double>(sums.correct) / seen;
    record.validation_loss = result.loss;
    record.validation_accuracy = result.scores.accuracy;
    record.validation_macro_f1 = result.scores.macro.f1;
    for (const ClassScore& one : result.scores.classes) {
        record.class_precision.push_back(one.precision);
        record.class_recall.push_back(one.recall);
        record.class_f1.push_back(one.f1);
    }
    record.seconds = seconds_since(last_record_);
    record.images_per_second = seen / sums.seconds;
    return record;
}

bool Run::is_better(const EpochRecord& record) const {
    const Metric metric = state_.options.best;
    const double value = value_of(metric, record);
    if (state_.best.epoch == 0 || value != state_.best.value)
        return state_.best.epoch == 0 || improves(metric, Mode::kAuto, value, state_.best.value);
    return record.validation_loss < state_.best.loss;
}

double Run::seconds() const {
    return state_.seconds + seconds_since(last_save_);
}

void Run::save(const ModelFile* new_best) {
    read_steps();
    for (const TensorMap* part : {&state_.weights, &state_.optimizer, &state_.average})
        for (const auto& [name, tensor] : *part)
            if (!at::isfinite(tensor).all().item<bool>()) throw_diverged(name, state_.step);
    state_.seconds = seconds();
    last_save_ = Clock::now();
    files_.write(state_, new_best);
}

void Run::save_before_leaving() {
    if (is_changing_) {
        observer_.on_notice("no checkpoint written: it ended within a step; the last one stands");
        return;
    }
    std::ostringstream text;
    text.precision(2);
    try {
        const Clock::time_point start = Clock::now();
        save(nullptr);
        text << "checkpoint written in " << seconds_since(start) << " s";
    } catch (const std::exception& error) {
        text << "no checkpoint written: " << error.what();
    }
    observer_.on_notice(text.str());
}

}  // namespace georgia
