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

/// The other seven symmetries of a square, or the other three of a rectangle.
std::vector<at::Tensor> turned_and_mirrored(const at::Tensor& input) {
    const std::int64_t step = input.size(2) == input.size(3) ? 1 : 2;
    std::vector<at::Tensor> turned;
    for (std::int64_t quarter = 0; quarter < 4; quarter += step) {
        const at::Tensor one = at::rot90(input, quarter, {2, 3});
        if (quarter > 0) turned.push_back(one.contiguous(at::MemoryFormat::ChannelsLast));
        turned.push_back(one.flip({3}).contiguous(at::MemoryFormat::ChannelsLast));
    }
    return turned;
}

OutlierModel to_device(OutlierModel model, const Compute& compute) {
    for_each_tensor(
        model, [&](const char*, at::Tensor& tensor) { tensor = tensor.to(compute.device); });
    return model;
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
      weights_(model.weights),
      has_one_logit_(model.network.head.one_logit),
      answer_{graph_.output()} {
    if (!model.reliability) return;
    temperature_ = model.reliability->temperature.value;
    if (!model.reliability->refusal) return;
    outliers_ = to_device(model.reliability->refusal->model, compute);
    answer_.insert(answer_.begin(), graph_.find("features"));
}

Predictor::Plan Predictor::inference_to(const std::vector<NodeId>& nodes) {
    const std::scoped_lock lock(mutex_);
    const bool is_answer = nodes == answer_;
    Plan& plan = is_answer ? to_answer_ : to_others_;
    if (plan == nullptr || (!is_answer && other_nodes_ != nodes)) {
        const Extent size{preprocess_.height, preprocess_.width};
        const Route route{{0}, nodes};
        plan = std::make_shared<const Inference>(graph_, weights_, compute_, size, route);
        if (!is_answer) other_nodes_ = nodes;
    }
    return plan;
}

std::vector<PlanStep> Predictor::plan(bool is_timed) {
    const Plan inference = inference_to(answer_);
    return is_timed ? inference->timed_plan() : inference->plan();
}

ImageRows Predictor::predict(
    std::vector<Sample> inputs, const PredictOptions& options, Progress& progress) {
    const Plan inference = inference_to(answer_);
    const std::int64_t width =
        classes() + (outliers_ ? std::int64_t{kOutlierScores} : 0) + (options.tta ? 1 : 0);
    const auto answer = [&](const at::Tensor& input) {
        const std::vector<at::Tensor> ends = inference->run({input});
        const at::Tensor logits = ends.back().to(at::kFloat);
        at::Tensor probabilities = (logits / temperature_).softmax(1);
        std::vector<at::Tensor> columns;
        if (outliers_)
            columns = {outlier_scores(*outliers_, as_features(ends[0]), evidence(logits))};
        if (options.tta) {
            std::vector<at::Tensor> all{probabilities};
            for (const at::Tensor& turned : turned_and_mirrored(input))
                all.push_back((inference->logits(turned) / temperature_).softmax(1));
            const at::Tensor stacked = at::stack(all);  // (8, n, K)
            probabilities = stacked.mean(0);
            const at::Tensor best = probabilities.argmax(1).view({1, -1, 1});
            const at::Tensor answered =
                stacked.gather(2, best.expand({stacked.size(0), -1, 1})).squeeze(2);
            columns.push_back((answered.amax(0) - answered.amin(0)).unsqueeze(1));
        }
        columns.insert(columns.begin(), probabilities);
        return at::cat(columns, 1);
    };
    return stream_rows(std::move(inputs), preprocess_, options, compute_, progress, width, answer);
}

at::Tensor Predictor::evidence(const at::Tensor& logits) const {
    return has_one_logit_ ? logits - logits.mean(1, /*keepdim=*/true) : logits;
}

ImageRows Predictor::features_and_logits(
    std::vector<Sample> inputs,
    bool has_features,
    const PredictOptions& options,
    Progress& progress) {
    std::vector<NodeId> nodes{graph_.output()};
    if (has_features) nodes.insert(nodes.begin(), graph_.find("features"));
    const Plan inference = inference_to(nodes);
    return stream_rows(
        std::move(inputs),
        preprocess_,
        options,
        compute_,
        progress,
        (has_features ? features() : 0) + classes(),
        [&](const at::Tensor& input) {
            const std::vector<at::Tensor> ends = inference->run({input});
            const at::Tensor logits = evidence(ends.back().to(at::kFloat));
            return has_features ? at::cat({as_features(ends[0]), logits}, 1) : logits;
        });
}

ImageRows Predictor::embed(
    std::vector<Sample> inputs,
    std::string_view stage,
    const PredictOptions& options,
    Progress& progress) {
    const NodeId node = graph_.find(stage);
    const Plan inference = inference_to({node});
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
    const at::Tensor logits = inference_to(answer_)->logits(given).to(at::kCPU).contiguous();
    return {logits.data_ptr<float>(), logits.data_ptr<float>() + logits.numel()};
}

}  // namespace georgia
