#include "georgia/train/stopping.h"

#include <algorithm>
#include <sstream>

namespace georgia {
namespace {

std::string in_a_row(std::int64_t count, const std::string& what) {
    return what + " for " + std::to_string(count) + (count == 1 ? " validation" : " validations");
}

std::optional<std::string> no_longer_improves(
    const StopOptions& options, const std::vector<EpochRecord>& history) {
    std::optional<double> best;
    std::int64_t waited = 0;
    for (const EpochRecord& record : history) {
        const double value = value_of(options.metric, record);
        if (!best || improves(options.metric, options.mode, value, *best, options.min_delta)) {
            best = value;
            waited = 0;
        } else {
            ++waited;
        }
    }
    if (waited == 0 || waited < options.patience) return std::nullopt;
    return in_a_row(waited, std::string(name_of(options.metric)) + " has not improved");
}

double lowest_f1(const EpochRecord& record) {
    const auto& f1 = record.class_f1;
    return f1.empty() ? 0 : *std::min_element(f1.begin(), f1.end());
}

std::optional<std::string> target_is_reached(
    const StopOptions& options, const std::vector<EpochRecord>& history) {
    std::optional<double> best;  // the lowest F1, once it has reached the target
    std::int64_t counted = 0;    // validations after the one that began the count
    for (const EpochRecord& record : history) {
        const double lowest = lowest_f1(record);
        if (options.f1_count == TargetCount::kConsecutive) {
            if (lowest < options.f1_target) {
                best.reset();
            } else {
                counted = best ? counted + 1 : 0;
                best = lowest;
            }
        } else if (best ? lowest > *best : lowest >= options.f1_target) {
            best = lowest;
            counted = 0;
        } else if (best) {
            ++counted;
        }
    }
    if (!best || counted < options.f1_patience) return std::nullopt;
    std::ostringstream reason;
    reason << "every class has reached an F1 of " << options.f1_target;
    return reason.str();
}

}  // namespace

double value_of(Metric metric, const EpochRecord& record) {
    switch (metric) {
        case Metric::kTrainLoss:
            return record.train_loss;
        case Metric::kTrainAccuracy:
            return record.train_accuracy;
        case Metric::kValidationLoss:
            return record.validation_loss;
        case Metric::kValidationAccuracy:
            return record.validation_accuracy;
        case Metric::kValidationMacroF1:
            return record.validation_macro_f1;
    }
    return 0;
}

bool improves(Metric metric, Mode mode, double value, double best, double min_delta) {
    const bool is_loss = metric == Metric::kTrainLoss || metric == Metric::kValidationLoss;
    const bool falls = mode == Mode::kMin || (mode == Mode::kAuto && is_loss);
    return falls ? value < best - min_delta : value > best + min_delta;
}

std::optional<std::string> stop_reason(
    const StopOptions& options, const std::vector<EpochRecord>& history) {
    std::optional<std::string> reason;
    if (options.early) reason = no_longer_improves(options, history);
    if (!reason && options.f1_target > 0) reason = target_is_reached(options, history);
    return reason;
}

}  // namespace georgia
