#pragma once

#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

#include "georgia/base/options.h"
#include "georgia/train/history.h"

namespace georgia {

/// A column of the history.
enum class Metric {
    kTrainLoss,
    kTrainAccuracy,
    kValidationLoss,
    kValidationAccuracy,
    kValidationMacroF1
};
template <>
struct EnumNames<Metric> {
    static constexpr std::array<std::string_view, 5> kNames{
        "train_loss",
        "train_accuracy",
        "validation_loss",
        "validation_accuracy",
        "validation_macro_f1"};
};

/// Which way a metric improves.
enum class Mode { kAuto, kMin, kMax };
template <>
struct EnumNames<Mode> {
    static constexpr std::array<std::string_view, 3> kNames{"auto", "min", "max"};
};

/// What is counted once every class has reached its target.
enum class TargetCount { kConsecutive, kNoImprovement };
template <>
struct EnumNames<TargetCount> {
    static constexpr std::array<std::string_view, 2> kNames{"consecutive", "no_improvement"};
};

/// When a training ends before its last epoch. Off by default.
struct StopOptions {
    bool early = false;
    Metric metric = Metric::kValidationLoss;
    Mode mode = Mode::kAuto;
    std::int64_t patience = 10;
    double min_delta = 0;
    double f1_target = 0;
    TargetCount f1_count = TargetCount::kConsecutive;
    std::int64_t f1_patience = 0;
    double minutes = 0;

    static constexpr auto fields() {
        using S = StopOptions;
        return std::tuple{
            Field<S, bool>{"early", &S::early, "", "stop when the metric no longer improves"},
            Field<S, Metric>{"metric", &S::metric, "", "that early stopping watches"},
            Field<S, Mode>{"mode", &S::mode, "", "auto: losses fall, others rise; min; max"},
            Field<S, std::int64_t>{
                "patience", &S::patience, "validations", "without improvement, to stop", 0, 1e6},
            Field<S, double>{"min_delta", &S::min_delta, "", "a smaller gain is none", 0, 1e6},
            Field<S, double>{
                "f1_target", &S::f1_target, "", "every class's F1, to stop; 0: off", 0, 1},
            Field<S, TargetCount>{
                "f1_count",
                &S::f1_count,
                "",
                "consecutive: at the target; no_improvement: of the lowest F1 since it"},
            Field<S, std::int64_t>{
                "f1_patience", &S::f1_patience, "validations", "more, after the first", 0, 1e6},
            Field<S, double>{
                "minutes", &S::minutes, "min", "wall time, resumed parts too; 0: off", 0, 1e6}};
    }

    void validate() const {
        check_ranges(*this);
    }

    bool operator==(const StopOptions&) const = default;
};

double value_of(Metric metric, const EpochRecord& record);

/// Whether a value is better than another by more than min_delta.
bool improves(Metric metric, Mode mode, double value, double best, double min_delta = 0);

/// Why training should end after the last of these records, in words; nothing to go on. It follows
/// from the history alone, so that a resumed run stops where an uninterrupted one does.
std::optional<std::string> stop_reason(
    const StopOptions& options, const std::vector<EpochRecord>& history);

}  // namespace georgia
