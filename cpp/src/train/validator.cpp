#include "train/validator.h"

#include <ATen/ATen.h>
#include <numeric>
#include <span>

#include "georgia/data/batch.h"

namespace georgia {
namespace {

std::vector<std::int64_t> first_numbers(std::size_t count) {
    std::vector<std::int64_t> numbers(count);
    std::iota(numbers.begin(), numbers.end(), std::int64_t{0});
    return numbers;
}

}  // namespace

Validator::Validator(
    const Graph& graph,
    const Compute& compute,
    const std::vector<Sample>& samples,
    const Preprocess& preprocess,
    const LoaderOptions& loading,
    const FrozenPart* frozen,
    std::int64_t bank_bytes)
    : graph_(graph),
      compute_(compute),
      samples_(samples),
      frozen_(frozen),
      loader_(samples, preprocess, loading),
      rows_(first_numbers(samples.size())),
      bank_(static_cast<std::int64_t>(samples.size()), bank_bytes) {}

Validation Validator::run(const TensorMap& weights, Progress& progress) {
    // An average of the weights may still be on its way to what is frozen now.
    const FrozenPart* frozen = frozen_ != nullptr && frozen_->is_of(weights) ? frozen_ : nullptr;
    const Preprocess& how = loader_.preprocess();
    const Route route{
        frozen != nullptr ? frozen->ends() : std::vector<NodeId>{0}, {graph_.output()}};
    const Inference inference(graph_, weights, compute_, {how.height, how.width}, route);
    loss_ = 0;
    predictions_.clear();
    if (frozen != nullptr && bank_.holds(rows_))
        run_bank(inference, progress);
    else
        run_images(inference, frozen, progress);

    std::vector<std::int64_t> labels;
    for (const Sample& sample : samples_) labels.push_back(sample.label);
    Validation result;
    result.loss = loss_ / static_cast<double>(samples_.size());
    result.scores = score(labels, predictions_, graph_.channels_of(graph_.output()));
    return result;
}

void Validator::run_images(
    const Inference& inference, const FrozenPart* frozen, Progress& progress) {
    loader_.seek({0, 0});
    bank_.clear();
    std::int64_t first = 0;
    for (BatchView batch = loader_.next(); batch.count > 0; batch = loader_.next()) {
        batch.rethrow_failure();
        std::vector<at::Tensor> given{
            normalised(batch, loader_.preprocess(), compute_.type(), compute_.device)};
        if (frozen != nullptr) {
            given = frozen->values_of(given[0]);
            bank_.put(rows_of(first, batch.count), given);
        }
        judge(inference, given, first, progress);
        first += batch.count;
    }
}

void Validator::run_bank(const Inference& inference, Progress& progress) {
    const EpochPlan& plan = loader_.plan();  // as when the images were loaded, for equal answers
    for (std::int64_t batch = 0; batch < plan.batches(); ++batch)
        judge(
            inference,
            bank_.get(rows_of(plan.first(batch), plan.size(batch))),
            plan.first(batch),
            progress);
}

void Validator::judge(
    const Inference& inference,
    const std::vector<at::Tensor>& given,
    std::int64_t first,
    Progress& progress) {
    const at::Tensor logits = logits_of(inference, given);
    const std::int64_t count = logits.size(0);
    at::Tensor truth = at::empty({count}, at::kLong);
    auto* label = truth.data_ptr<std::int64_t>();
    for (std::int64_t i = 0; i < count; ++i)
        label[i] = samples_[static_cast<std::size_t>(first + i)].label;
    loss_ += at::cross_entropy_loss(logits, truth).item<double>() * static_cast<double>(count);
    const std::span values(logits.data_ptr<float>(), static_cast<std::size_t>(logits.numel()));
    const auto best = top_class(values, logits.size(1));
    predictions_.insert(predictions_.end(), best.begin(), best.end());
    const auto total = static_cast<std::int64_t>(samples_.size());
    progress.advance_or_throw({"validate", first + count, total});
}

at::Tensor Validator::logits_of(const Inference& inference, const std::vector<at::Tensor>& given) {
    const std::int64_t count = given[0].size(0);
    while (true) {
        try {
            std::vector<at::Tensor> logits;
            for (std::int64_t part = 0; part < parts_; ++part) {
                std::vector<at::Tensor> some;
                for (const at::Tensor& value : given)
                    some.push_back(
                        value.slice(0, part * count / parts_, (part + 1) * count / parts_));
                if (some[0].size(0) > 0)
                    logits.push_back(inference.run(some)[0].to(at::kCPU, at::kFloat));
            }
            return at::cat(logits).contiguous();
        } catch (const c10::OutOfMemoryError&) {
            if (parts_ >= count) throw;
        }
        parts_ *= 2;
    }
}

}  // namespace georgia
