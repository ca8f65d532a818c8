#include "georgia/train/stopping.h"

#include <initializer_list>

#include "catch.h"

using namespace georgia;

namespace {

/// After how many validations training stops; 0: it goes on to the end.
std::size_t stops_after(const StopOptions& options, const std::vector<EpochRecord>& history) {
    for (std::size_t count = 1; count <= history.size(); ++count)
        if (stop_reason(options, {history.begin(), history.begin() + std::ptrdiff_t(count)}))
            return count;
    return 0;
}

std::size_t early(std::int64_t patience, double min_delta, std::initializer_list<double> losses) {
    StopOptions options;
    options.early = true;
    options.patience = patience;
    options.min_delta = min_delta;
    std::vector<EpochRecord> history;
    for (const double loss : losses) history.emplace_back().validation_loss = loss;
    return stops_after(options, history);
}

/// With the target .9; the second class is the worse one.
std::size_t target(TargetCount count, std::int64_t patience, std::initializer_list<double> lowest) {
    StopOptions options;
    options.f1_target = 0.9;
    options.f1_count = count;
    options.f1_patience = patience;
    std::vector<EpochRecord> history;
    for (const double f1 : lowest) history.emplace_back().class_f1 = {1, f1};
    return stops_after(options, history);
}

}  // namespace

TEST_CASE("early stopping waits for patience validations without improvement") {
    CHECK(early(0, 0, {3, 2, 1}) == 0);
    CHECK(early(0, 0, {3, 2, 2, 1}) == 3);
    CHECK(early(1, 0, {3, 2, 2, 1}) == 3);
    CHECK(early(2, 0, {3, 2, 2, 1}) == 0);
    CHECK(early(2, 0, {3, 2, 2, 4, 1}) == 4);
    CHECK(early(2, 0, {3, 2, 2.5, 1.9, 2, 2, 1}) == 6);
    CHECK(early(2, 0.5, {3, 2.8, 2.6, 2.4}) == 3);  // each gain is too small
    CHECK(early(2, 0.5, {3, 2.8, 2.4, 2.3}) == 0);  // .6 after two are enough
}

TEST_CASE("the watched metric improves the way it is told") {
    std::vector<EpochRecord> history(3);
    for (std::size_t i = 0; i < 3; ++i) history[i].train_accuracy = 0.1 * double(i);
    StopOptions options;
    options.early = true;
    options.patience = 1;
    options.metric = Metric::kTrainAccuracy;
    CHECK(stops_after(options, history) == 0);
    options.mode = Mode::kMin;
    CHECK(stops_after(options, history) == 2);
    options.early = false;
    CHECK(stops_after(options, history) == 0);
    for (const Metric metric : {Metric::kTrainLoss, Metric::kValidationLoss})
        CHECK(improves(metric, Mode::kAuto, 1, 2));
    for (const Metric metric : {Metric::kValidationAccuracy, Metric::kValidationMacroF1})
        CHECK(improves(metric, Mode::kAuto, 2, 1));
    CHECK_FALSE(improves(Metric::kTrainLoss, Mode::kAuto, 1, 1));
}

TEST_CASE("the target of every class's F1: a truth table") {
    constexpr auto kRow = TargetCount::kConsecutive;
    CHECK(target(kRow, 0, {0.5, 0.8, 0.89}) == 0);
    CHECK(target(kRow, 0, {0.5, 0.9, 0.8}) == 2);
    CHECK(target(kRow, 1, {0.5, 0.9, 0.8, 0.95}) == 0);
    CHECK(target(kRow, 1, {0.9, 0.8, 0.95, 0.9}) == 4);
    CHECK(target(kRow, 2, {0.9, 0.95, 0.8, 0.9, 0.9, 0.9}) == 6);

    constexpr auto kBest = TargetCount::kNoImprovement;
    CHECK(target(kBest, 0, {0.5, 0.8, 0.89}) == 0);
    CHECK(target(kBest, 0, {0.5, 0.9, 0.8}) == 2);
    CHECK(target(kBest, 1, {0.5, 0.9, 0.8}) == 3);
    CHECK(target(kBest, 1, {0.9, 0.91, 0.92, 0.93}) == 0);
    CHECK(target(kBest, 2, {0.9, 0.9, 0.95, 0.9, 0.94}) == 5);

    CHECK(target(kRow, 0, {}) == 0);
    StopOptions off;
    EpochRecord perfect;
    perfect.class_f1 = {1, 1};
    CHECK(stops_after(off, {perfect, perfect}) == 0);
}
