#include "georgia/train/pace.h"

#include <ATen/ATen.h>
#include <algorithm>
#include <chrono>
#include <utility>
#include <vector>

#include "georgia/base/error.h"

#include "train/job_setup.h"
#include "train/seconds.h"
#include "train/step_ledger.h"
#include "train/trial.h"
#include "train/validator.h"

namespace georgia {
namespace {

constexpr double kEnough = 1.5;         // seconds
constexpr std::int64_t kWarming = 2;    // batches
constexpr double kHarmless = 1e-9;      // learning rate
constexpr std::size_t kValidated = 64;  // images

double seconds_of_training(Trial& trial, Progress& progress) {
    StepLedger ledger(trial.compute.device);
    std::int64_t images = 0;
    auto start = std::chrono::steady_clock::now();
    for (std::int64_t i = 0; i <= kWarming || seconds_since(start) < kEnough; ++i) {
        if (i == kWarming) {
            images = 0;
            start = std::chrono::steady_clock::now();
        }
        const BatchView batch = trial.loader.next();
        batch.rethrow_failure();
        const StepResult result = trial.step.backward(batch);
        ledger.add(result, batch.count, kHarmless);
        ledger.read();
        trial.step.update(result, kHarmless, ledger.diverged());
        images += batch.count;
        progress.advance_or_throw({"train", i + 1, 0, 0});
    }
    const EpochPlan& plan = trial.loader.plan();
    const std::int64_t of_epoch = plan.first(plan.batches());
    return seconds_since(start) / static_cast<double>(images) * static_cast<double>(of_epoch);
}

/// At the end of an epoch, and within it every so many steps.
std::int64_t validations_of_epoch(const TrainOptions& options, const EpochPlan& plan) {
    return options.validate_every > 0 ? 1 + (plan.batches() - 1) / options.validate_every : 1;
}

/// Of an epoch, as the mean of the phase: the first may fill a bank that the others read.
double seconds_of_validation(
    const TrainJob& job,
    const TrainOptions& options,
    const Phase& phase,
    const Trial& trial,
    Progress& progress) {
    std::vector<Sample> some(
        job.validation.begin(),
        job.validation.begin() +
            static_cast<std::ptrdiff_t>(std::min(job.validation.size(), kValidated)));
    if (some.empty()) return 0;
    Validator validator(
        trial.graph,
        trial.compute,
        some,
        options.preprocess_of(phase),
        validation_loading(options, phase, trial.session.threads()),
        trial.step.frozen(),
        options.bank_bytes());
    const auto seconds_of_run = [&] {
        const auto start = std::chrono::steady_clock::now();
        validator.run(trial.weights, progress);
        return seconds_since(start);
    };
    const std::int64_t in_epoch = validations_of_epoch(options, trial.loader.plan());
    const auto runs = static_cast<double>(phase.epochs * in_epoch);
    const double first = seconds_of_run();
    const double later = trial.step.frozen() != nullptr ? seconds_of_run() : first;
    return (first + (runs - 1) * later) / static_cast<double>(phase.epochs) *
           static_cast<double>(job.validation.size()) / static_cast<double>(some.size());
}

}  // namespace

Pace measure_pace(
    const TrainJob& job, const TrainOptions& options, const Phase& phase, Progress& progress) {
    check_network(options, static_cast<std::int64_t>(job.classes.size()));
    if (job.train.empty()) throw InvalidOption("measure_pace", "", "expected images, got none");
    Trial trial(job, options, phase);
    Pace pace;
    pace.training = seconds_of_training(trial, progress);
    pace.validation = seconds_of_validation(job, options, phase, trial, progress);
    return pace;
}

}  // namespace georgia
