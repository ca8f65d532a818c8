#include "georgia/engine/fit_reliability.h"

#include <ATen/ATen.h>
#include <algorithm>
#include <cmath>
#include <set>
#include <span>
#include <utility>

#include "georgia/base/error.h"

namespace georgia {
namespace {

constexpr double kKept = 0.95;  // of the held-out images, by every threshold
constexpr std::uint64_t kSeed = 42;

/// What a network makes of the images that could be read.
struct Evidence {
    at::Tensor features;               // (N, D)
    at::Tensor logits;                 // (N, K)
    std::vector<std::int64_t> labels;  // (N)
};

Evidence evidence_of(
    Predictor& predictor,
    std::vector<Sample> samples,
    const PredictOptions& options,
    Progress& progress) {
    const bool has_features = predictor.features() <= kMostFeatures;
    std::vector<std::int64_t> labels(samples.size());
    std::ranges::transform(samples, labels.begin(), &Sample::label);
    ImageRows rows =
        predictor.features_and_logits(std::move(samples), has_features, options, progress);
    std::vector<std::int64_t> readable;
    Evidence evidence;
    for (std::size_t i = 0; i < labels.size(); ++i)
        if (rows.errors[i].empty()) {
            readable.push_back(static_cast<std::int64_t>(i));
            evidence.labels.push_back(labels[i]);
        }
    const std::array shape{static_cast<std::int64_t>(labels.size()), rows.width};
    const at::Tensor all = at::from_blob(rows.values.data(), shape, at::kFloat)
                               .index_select(0, at::tensor(readable, at::kLong));
    const std::int64_t features = rows.width - predictor.classes();
    if (has_features) evidence.features = all.slice(1, 0, features).contiguous();
    evidence.logits = all.slice(1, features).contiguous();
    return evidence;
}

/// The smallest value of each column that at least that share of its values do not exceed.
std::array<double, kOutlierScores> thresholds_of(const at::Tensor& scores) {
    const auto [sorted, order] = scores.sort(0);
    const auto count = static_cast<double>(scores.size(0));
    const auto last = static_cast<std::int64_t>(std::ceil(kKept * count)) - 1;
    std::array<double, kOutlierScores> thresholds{};
    for (std::size_t i = 0; i < thresholds.size(); ++i)
        thresholds[i] = sorted[last][static_cast<std::int64_t>(i)].item<double>();
    return thresholds;
}

Temperature temperature_of(const Evidence& held, std::int64_t classes) {
    const std::span logits(
        held.logits.data_ptr<float>(), static_cast<std::size_t>(held.logits.numel()));
    Temperature found = fit_temperature(logits, classes, held.labels);
    if (!found.is_bounded && found.value >= kLeastTemperature) return found;
    found.value = found.is_bounded ? 1 : kLeastTemperature;
    found.log_loss_after = log_loss_at(found.value, logits, classes, held.labels);
    return found;
}

}  // namespace

Reliability fit_reliability(
    const ModelFile& model,
    const Compute& compute,
    ReliabilityImages images,
    const PredictOptions& options,
    Progress& progress) {
    Predictor predictor(model, compute);
    const Evidence held = evidence_of(predictor, std::move(images.held_out), options, progress);
    if (held.labels.empty())
        throw BadInput("calibrate", "held-out images", "none of them can be read");
    Reliability found;
    found.temperature = temperature_of(held, predictor.classes());
    if (predictor.features() > kMostFeatures) return found;
    const Evidence known = evidence_of(predictor, std::move(images.trained), options, progress);
    const std::set classes(known.labels.begin(), known.labels.end());
    if (static_cast<std::int64_t>(classes.size()) == predictor.classes()) {
        Refusal refusal;
        refusal.model = fit_outliers(known.features, known.logits, at::tensor(known.labels), kSeed);
        const Evidence fresh =
            evidence_of(predictor, std::move(images.calibration), options, progress);
        const Evidence& judged = fresh.labels.empty() ? held : fresh;
        refusal.thresholds =
            thresholds_of(outlier_scores(refusal.model, judged.features, judged.logits));
        found.refusal = std::move(refusal);
    }
    return found;
}

}  // namespace georgia
