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

at::Tensor Loss::operator()(const at::Tensor& logits, const Targets& targets) const {
    const at::Tensor adjusted = adjustments_.defined() ? logits + adjustments_ : logits;
    const at::Tensor loss = of_labels(adjusted, targets.labels);
    if (!targets.others.defined()) return loss;
    return loss * targets.share + of_labels(adjusted, targets.others) * (1 - targets.share);
}

at::Tensor Loss::of_labels(const at::Tensor& logits, const at::Tensor& labels) const {
    const auto cross_entropy = [&](at::Reduction::Reduction reduction) {
        constexpr std::int64_t kNoLabelIsIgnored = -100;
        return at::cross_entropy_loss(
            logits, labels, weights_, reduction, kNoLabelIsIgnored, smoothing_);
    };
    if (gamma_ == 0) return cross_entropy(at::Reduction::Mean);
    const at::Tensor right = logits.softmax(1).gather(1, labels.unsqueeze(1)).squeeze(1);
    return ((1 - right).pow(gamma_) * cross_entropy(at::Reduction::None)).mean();
}

}  // namespace georgia
