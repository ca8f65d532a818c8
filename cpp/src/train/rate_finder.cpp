#include "georgia/train/rate_finder.h"

#include <ATen/ATen.h>
#include <algorithm>
#include <cmath>

#include "georgia/base/error.h"

#include "train/step_ledger.h"
#include "train/trial.h"

namespace georgia {

RateCurve find_rate(
    const TrainJob& job,
    const TrainOptions& options,
    std::int64_t steps,
    double low,
    double high,
    Progress& progress) {
    constexpr double kSmoothing = 0.95;
    constexpr double kTooHigh = 4;
    check_network(options, static_cast<std::int64_t>(job.classes.size()));
    if (steps < 10 || !(low > 0) || !(high > low) || job.train.empty())
        throw InvalidOption(
            "find_rate", "", "expected images, at least 10 steps, and rates 0 < low < high");
    Trial trial(job, options, options.phases[0]);
    TrainingStep& step = trial.step;

    StepLedger ledger(trial.compute.device);
    RateCurve curve;
    double mean = 0;
    double least = 0;
    for (std::int64_t i = 0; i < steps; ++i) {
        const BatchView batch = trial.loader.next();
        batch.rethrow_failure();
        const double share = static_cast<double>(i) / static_cast<double>(steps - 1);
        const double rate = low * std::pow(high / low, share);
        const StepResult result = step.backward(batch);
        ledger.add(result, batch.count, rate);
        const StepReading reading = ledger.read();
        if (reading.diverged) break;
        step.update(result, rate, ledger.diverged());
        mean = kSmoothing * mean + (1 - kSmoothing) * reading.last_loss;
        // As if the mean had begun with the first loss rather than with 0.
        const double smooth = mean / (1 - std::pow(kSmoothing, static_cast<double>(i + 1)));
        curve.rates.push_back(rate);
        curve.losses.push_back(smooth);
        least = i == 0 ? smooth : std::min(least, smooth);
        progress.advance_or_throw({"train", i + 1, steps, smooth});
        if (smooth > kTooHigh * least) break;
    }
    return curve;
}

double suggested_rate(const RateCurve& curve) {
    const auto& losses = curve.losses;
    if (losses.empty()) return 0;
    const auto count = static_cast<std::ptrdiff_t>(losses.size());
    const std::ptrdiff_t reach = std::max<std::ptrdiff_t>(count / 20, 1);
    const auto least = std::min_element(losses.begin(), losses.end()) - losses.begin();
    double steepest = 0;
    double rate = 0;
    // What falls after the least loss is the end of an explosion.
    for (std::ptrdiff_t i = reach; i + reach <= least; ++i) {
        const auto at = static_cast<std::size_t>(i);
        const auto wide = static_cast<std::size_t>(reach);
        const double fall = losses[at - wide] - losses[at + wide];
        if (fall <= steepest) continue;
        steepest = fall;
        rate = curve.rates[at];
    }
    return rate;
}

}  // namespace georgia
