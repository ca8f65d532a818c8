#include "train/validator.h"

#include <ATen/ATen.h>
#include <span>

#include "georgia/data/batch.h"

namespace georgia {

Validator::Validator(
    const std::vector<Sample>& samples,
    std::int64_t classes,
    const Preprocess& preprocess,
    const LoaderOptions& loading)
    : samples_(samples), classes_(classes), loader_(samples, preprocess, loading) {}

at::Tensor Validator::logits_of(Inference& inference, const at::Tensor& input) {
    while (true) {
        try {
            std::vector<at::Tensor> logits;
            for (const at::Tensor& part : input.chunk(parts_))
                logits.push_back(inference.logits(part).to(at::kCPU));
            return at::cat(logits).contiguous();
        } catch (const c10::OutOfMemoryError&) {
            if (parts_ >= input.size(0)) throw;
        }
        parts_ *= 2;
    }
}

Validation Validator::run(Inference& inference, Progress& progress) {
    const Compute& compute = inference.compute();
    const auto total = static_cast<std::int64_t>(samples_.size());
    std::vector<std::int64_t> labels;
    std::vector<std::int64_t> predictions;
    Validation result;
    loader_.seek({0, 0});
    for (BatchView batch = loader_.next(); batch.count > 0; batch = loader_.next()) {
        batch.rethrow_failure();
        const at::Tensor input =
            normalised(batch, loader_.preprocess(), compute.type(), compute.device);
        const at::Tensor logits = logits_of(inference, input);
        const at::Tensor truth = labels_of(batch, samples_, at::kCPU);
        result.loss +=
            at::cross_entropy_loss(logits, truth).item<double>() * static_cast<double>(batch.count);

        const auto values = static_cast<std::size_t>(logits.numel());
        const auto best = top_class(std::span(logits.data_ptr<float>(), values), classes_);
        predictions.insert(predictions.end(), best.begin(), best.end());
        const auto* label = truth.data_ptr<std::int64_t>();
        labels.insert(labels.end(), label, label + batch.count);
        progress.advance_or_throw({"validate", static_cast<std::int64_t>(labels.size()), total});
    }
    result.loss /= static_cast<double>(labels.size());
    result.scores = score(labels, predictions, classes_);
    return result;
}

}  // namespace georgia
