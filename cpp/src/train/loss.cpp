#include "georgia/train/loss.h"

#include <ATen/ATen.h>

namespace georgia {

Loss::Loss(
    const ImbalanceOptions& options,
    double label_smoothing,
    const std::vector<std::int64_t>& counts,
    at::Device device)
    : smoothing_(label_smoothing) {
    // A class without images has no loss that could be weighted; 1 keeps the numbers finite.
    const at::Tensor present = at::tensor(counts, at::kLong).clamp_min(1).to(at::kFloat);
    const at::Tensor shares = present / present.sum();
    if (options.method == Imbalance::kFocal) gamma_ = options.gamma;
    if (options.method == Imbalance::kClassWeights)
        weights_ = (1 / (shares * static_cast<double>(counts.size()))).to(device);
    if (options.method == Imbalance::kLogitAdjustment)
        adjustments_ = (shares.log() * options.adjustment).to(device);
}

Targets Targets::rows(std::int64_t first, std::int64_t end) const {
    const auto cut = [&](const at::Tensor& x) { return x.defined() ? x.slice(0, first, end) : x; };
    return {cut(labels), cut(others), share};
}

at::Tensor Loss::operator()(
    const at::Tensor& logits, const Targets& rows, const Targets& batch) const {
    const at::Tensor adjusted = adjustments_.defined() ? logits + adjustments_ : logits;
    const at::Tensor loss = of_labels(adjusted, rows.labels, batch.labels);
    if (!rows.others.defined()) return loss;
    const at::Tensor other = of_labels(adjusted, rows.others, batch.others);
    return loss * rows.share + other * (1 - rows.share);
}

at::Tensor Loss::of_labels(
    const at::Tensor& logits, const at::Tensor& labels, const at::Tensor& batch) const {
    const auto cross_entropy = [&](at::Reduction::Reduction reduction) {
        constexpr std::int64_t kNoLabelIsIgnored = -100;
        return at::cross_entropy_loss(
            logits, labels, weights_, reduction, kNoLabelIsIgnored, smoothing_);
    };
    if (weights_.defined())
        return cross_entropy(at::Reduction::Sum) / weights_.index_select(0, batch).sum();
    const auto count = static_cast<double>(batch.size(0));
    if (gamma_ == 0) return cross_entropy(at::Reduction::Sum) / count;
    constexpr double kLeast = 1e-6;  // a share of 1 has no finite slope below gamma 1
    const at::Tensor right = logits.softmax(1).gather(1, labels.unsqueeze(1)).squeeze(1);
    const at::Tensor factors = (1 - right).clamp_min(kLeast).pow(gamma_);
    return (factors * cross_entropy(at::Reduction::None)).sum() / count;
}

}  // namespace georgia
