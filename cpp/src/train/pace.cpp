#include "georgia/train/pace.h"

#include <ATen/ATen.h>
#include <algorithm>
#include <chrono>
#include <tuple>
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

constexpr double kEnough = 1.5;          // seconds
constexpr std::int64_t kWarming = 2;     // batches
constexpr double kHarmless = 1e-9;       // learning rate
constexpr std::int64_t kValidated = 64;  // images

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

/// The same again and again on one batch, whose views are kept by now.
double seconds_of_kept_training(Trial& trial, Progress& progress) {
    const BatchView batch = trial.loader.next();
    batch.rethrow_failure();
    trial.step.backward(batch);
    std::int64_t steps = 0;
    const auto start = std::chrono::steady_clock::now();
    for (; steps == 0 || seconds_since(start) < kEnough / 2; ++steps) {
        const StepResult result = trial.step.backward(batch);
        trial.step.update(
            result, kHarmless, at::zeros({}, result.loss.options().dtype(at::kFloat)));
        progress.advance_or_throw({"train", steps + 1, 0, 0});
    }
    return seconds_since(start) / static_cast<double>(steps) *
           static_cast<double>(trial.loader.plan().batches());
}

/// The first validation, and a later one, from those of some images.
std::pair<double, double> seconds_of_validation(
    const TrainJob& job,
    const TrainOptions& options,
    const Phase& phase,
    const Trial& trial,
    Progress& progress) {
    const auto all = static_cast<std::int64_t>(job.validation.size());
    const std::int64_t count = std::min(all, kValidated);
    if (count == 0) return {0, 0};
    const std::vector<Sample> some(job.validation.begin(), job.validation.begin() + count);
    const FrozenPart* frozen = trial.step.frozen();
    if (frozen != nullptr && frozen->bytes_of_image() * all > options.bank_bytes())
        frozen = nullptr;
    Validator validator(
        trial.graph,
        trial.compute,
        some,
        options.preprocess_of(phase),
        validation_loading(options, phase, trial.session.threads()),
        frozen,
        options.bank_bytes());
    const auto seconds_of_run = [&] {
        auto start = std::chrono::steady_clock::now();
        validator.prepare(trial.weights);
        const double preparing = seconds_since(start);
        start = std::chrono::steady_clock::now();
        validator.run_prepared(progress);
        const double share = static_cast<double>(all) / static_cast<double>(count);
        return preparing + seconds_since(start) * share;
    };
    const double first = seconds_of_run();
    return {first, frozen != nullptr ? seconds_of_run() : first};
}

}  // namespace

double Pace::seconds(std::int64_t epochs) const {
    const std::int64_t fresh = views > 0 ? std::min(epochs, views) : epochs;
    const auto later = static_cast<double>(epochs * validations_of_epoch - 1);
    return static_cast<double>(fresh) * training +
           static_cast<double>(epochs - fresh) * kept_training + validation +
           later * later_validation;
}

Pace measure_pace(
    const TrainJob& job, const TrainOptions& options, const Phase& phase, Progress& progress) {
    check_network(options, static_cast<std::int64_t>(job.classes.size()));
    if (job.train.empty()) throw InvalidOption("measure_pace", "", "expected images, got none");
    Trial trial(job, options, phase);
    Pace pace;
    pace.training = seconds_of_training(trial, progress);
    const std::int64_t entries = trial.loader.order().count();
    if (options.bank_views > 0 && trial.step.could_keep_views(entries)) {
        pace.views = options.bank_views;
        trial.step.keep_views(entries, 0);
        pace.kept_training = seconds_of_kept_training(trial, progress);
    }
    std::tie(pace.validation, pace.later_validation) =
        seconds_of_validation(job, options, phase, trial, progress);
    pace.validations_of_epoch = validations_of_epoch(options, trial.loader.plan());
    return pace;
}

}  // namespace georgia
