#include "train/validator.h"

#include <ATen/ATen.h>
#include <algorithm>
#include <numeric>
#include <set>
#include <span>

#include "georgia/data/batch.h"

namespace georgia {
namespace {

std::vector<std::int64_t> first_numbers(std::size_t count) {
    std::vector<std::int64_t> numbers(count);
    std::iota(numbers.begin(), numbers.end(), std::int64_t{0});
    return numbers;
}

/// The frozen part's ends that the logits follow from; a second classifier reads others.
std::vector<NodeId> ends_read(const Graph& graph, const FrozenPart* frozen) {
    if (frozen == nullptr) return {};
    const std::set<NodeId> given(frozen->ends().begin(), frozen->ends().end());
    const std::vector<int> uses = uses_of(graph, given, {graph.output()});
    std::vector<NodeId> ends;
    for (const NodeId end : frozen->ends())
        if (uses[end] > 0) ends.push_back(end);
    return ends;
}

}  // namespace

Validator::Validator(
    const Graph& graph,
    const Compute& compute,
    const std::vector<Sample>& samples,
    const Preprocess& preprocess,
    const LoaderOptions& loading,
    const FrozenPart* frozen,
    std::int64_t bank_bytes,
    const std::optional<BankFile>& bank_file)
    : graph_(graph),
      compute_(compute),
      samples_(samples),
      frozen_(frozen),
      ends_(ends_read(graph, frozen)),
      loader_(samples, preprocess, loading),
      rows_(first_numbers(samples.size())),
      bank_(
          static_cast<std::int64_t>(samples.size()),
          frozen == nullptr ? 0 : bank_bytes,
          frozen == nullptr ? std::nullopt : bank_file) {}

void Validator::prepare(const TensorMap& weights) {
    // An average of the weights may still be on its way to what is frozen now.
    uses_frozen_ = frozen_ != nullptr && frozen_->is_of(weights);
    const Preprocess& how = loader_.preprocess();
    const Route route{uses_frozen_ ? ends_ : std::vector<NodeId>{0}, {graph_.output()}};
    inference_.emplace(graph_, weights, compute_, Extent{how.height, how.width}, route);
}

Validation Validator::run(const TensorMap& weights, Progress& progress) {
    prepare(weights);
    return run_prepared(progress);
}

Validation Validator::run_prepared(Progress& progress) {
    loss_ = 0;
    predictions_.clear();
    if (uses_frozen_ && bank_.holds(rows_))
        run_bank(progress);
    else
        run_images(progress);

    std::vector<std::int64_t> labels;
    for (const Sample& sample : samples_) labels.push_back(sample.label);
    Validation result;
    result.loss = loss_ / static_cast<double>(samples_.size());
    result.scores = score(labels, predictions_, graph_.channels_of(graph_.output()));
    return result;
}

template <class Work>
auto Validator::in_parts(const at::Tensor& input, Work work) {
    while (true) {
        try {
            return work();
        } catch (const c10::OutOfMemoryError&) {
            if (parts_ >= input.size(0)) throw;
        }
        parts_ *= 2;
    }
}

void Validator::run_images(Progress& progress) {
    loader_.seek({0, 0});
    bank_.clear();
    std::int64_t first = 0;
    for (BatchView batch = loader_.next(); batch.count > 0; batch = loader_.next()) {
        batch.rethrow_failure();
        const at::Tensor input =
            normalised(batch, loader_.preprocess(), compute_.type(), compute_.device);
        std::vector<at::Tensor> given{input};
        if (uses_frozen_) {
            given = in_parts(input, [&] { return frozen_values(input); });
            const auto rows = rows_of(first, batch.count);
            bank_.put(rows, given);
            if (bank_.holds(rows)) given = bank_.get(rows);  // laid out as they will be again
        }
        judge(given, first, progress);
        first += batch.count;
    }
}

std::vector<at::Tensor> Validator::frozen_values(const at::Tensor& input) const {
    const std::vector<at::Tensor> values = frozen_->even_values_of(input, parts_);
    std::vector<at::Tensor> needed;
    for (std::size_t i = 0; i < values.size(); ++i)
        if (std::ranges::count(ends_, frozen_->ends()[i]) > 0) needed.push_back(values[i]);
    return needed;
}

void Validator::run_bank(Progress& progress) {
    const EpochPlan& plan = loader_.plan();  // as when the images were loaded, for equal answers
    for (std::int64_t batch = 0; batch < plan.batches(); ++batch)
        judge(bank_.get(rows_of(plan.first(batch), plan.size(batch))), plan.first(batch), progress);
}

void Validator::judge(
    const std::vector<at::Tensor>& given, std::int64_t first, Progress& progress) {
    const at::Tensor logits = in_parts(given[0], [&] {
        return inference_->run(given, parts_)[0].to(at::kCPU, at::kFloat).contiguous();
    });
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

}  // namespace georgia
