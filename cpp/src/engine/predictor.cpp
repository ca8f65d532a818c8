#include "georgia/engine/predictor.h"

#include <ATen/ATen.h>
#include <algorithm>
#include <exception>
#include <utility>

#include "georgia/base/machine.h"
#include "georgia/data/batch.h"
#include "georgia/data/loader.h"
#include "georgia/nn/shapes.h"
#include "georgia/nn/zoo.h"

namespace georgia {
namespace {

/// The message of a refused input. What is not the input's fault goes on to the caller.
std::string message_of(const std::exception_ptr& failure) {
    try {
        if (failure) std::rethrow_exception(failure);
    } catch (const BadInput& error) {
        return error.what();
    } catch (const IoError& error) {
        return error.what();
    }
    return {};
}

/// Inputs that are sooner loaded than a thread is started for them.
constexpr std::size_t kFew = 2;

LoaderOptions loader_options(const PredictOptions& options, std::size_t inputs) {
    LoaderOptions loading;
    loading.batch = std::min(options.batch, static_cast<std::int64_t>(inputs));
    loading.threads = options.threads > 0 ? options.threads : inputs > kFew ? usable_cores() : 0;
    loading.limits = options.limits;
    return loading;
}

}  // namespace

ImageRows stream_rows(
    std::vector<Sample> inputs,
    const Preprocess& preprocess,
    const PredictOptions& options,
    const Compute& compute,
    Progress& progress,
    std::int64_t width,
    const std::function<at::Tensor(const at::Tensor&)>& work) {
    const auto columns = static_cast<std::size_t>(width);
    const auto total = static_cast<std::int64_t>(inputs.size());
    ImageRows result{width, std::vector<float>(inputs.size() * columns), {}};
    result.errors.resize(inputs.size());
    if (inputs.empty()) return result;

    const LoaderOptions loading = loader_options(options, inputs.size());
    Loader loader(std::move(inputs), preprocess, loading);
    std::int64_t done = 0;
    for (BatchView batch = loader.next(); batch.count > 0; batch = loader.next()) {
        const at::Tensor input = normalised(batch, preprocess, compute.type(), compute.device);
        const at::Tensor rows = work(input).to(at::kCPU, at::kFloat).contiguous();
        const float* values = rows.data_ptr<float>();
        for (std::size_t i = 0; i < batch.failures.size(); ++i) {
            const auto at = static_cast<std::size_t>(done) + i;
            result.errors[at] = message_of(batch.failures[i]);
            if (result.errors[at].empty())
                std::copy_n(values + i * columns, columns, &result.values[at * columns]);
        }
        done += batch.count;
        progress.advance_or_throw({"predict", done, total});
    }
    return result;
}

Predictor::Predictor(const ModelFile& model, const Compute& compute)
    : compute_(compute),
      preprocess_(model.preprocess),
      graph_(build_network(model.network)),
      weights_(model.weights) {}

Predictor::Plan Predictor::inference_to(NodeId node) {
    const std::scoped_lock lock(mutex_);
    const bool is_output = node == graph_.output();
    Plan& plan = is_output ? to_logits_ : to_other_;
    if (plan == nullptr || (!is_output && other_node_ != node)) {
        const Extent size{preprocess_.height, preprocess_.width};
        const Route route{{0}, {node}};
        plan = std::make_shared<const Inference>(graph_, weights_, compute_, size, route);
        if (!is_output) other_node_ = node;
    }
    return plan;
}

std::vector<PlanStep> Predictor::plan(bool is_timed) {
    const Plan inference = inference_to(graph_.output());
    return is_timed ? inference->timed_plan() : inference->plan();
}

ImageRows Predictor::predict(
    std::vector<Sample> inputs, const PredictOptions& options, Progress& progress) {
    const Plan inference = inference_to(graph_.output());
    const auto probabilities = [&](const at::Tensor& input) {
        return inference->logits(input).softmax(1);
    };
    return stream_rows(
        std::move(inputs),
        preprocess_,
        options,
        compute_,
        progress,
        graph_.channels_of(graph_.output()),
        probabilities);
}

ImageRows Predictor::embed(
    std::vector<Sample> inputs,
    std::string_view stage,
    const PredictOptions& options,
    Progress& progress) {
    const NodeId node = graph_.find(stage);
    const Plan inference = inference_to(node);
    return stream_rows(
        std::move(inputs),
        preprocess_,
        options,
        compute_,
        progress,
        graph_.channels_of(node),
        [&](const at::Tensor& input) { return inference->features(input); });
}

std::vector<float> Predictor::logits(
    std::span<const float> input, const std::vector<std::int64_t>& shape) {
    infer_shapes(graph_, {shape[2], shape[3]});
    // from_blob wants a pointer to mutable values, and copies none; contiguous() copies.
    const at::Tensor given = at::from_blob(const_cast<float*>(input.data()), shape, at::kFloat)
                                 .to(compute_.device, compute_.type())
                                 .contiguous(at::MemoryFormat::ChannelsLast);
    const at::Tensor logits =
        inference_to(graph_.output())->logits(given).to(at::kCPU).contiguous();
    return {logits.data_ptr<float>(), logits.data_ptr<float>() + logits.numel()};
}

}  // namespace georgia
