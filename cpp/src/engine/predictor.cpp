#include "georgia/engine/predictor.h"

#include <ATen/ATen.h>
#include <algorithm>
#include <exception>
#include <utility>

#include "georgia/base/machine.h"
#include "georgia/data/batch.h"
#include "georgia/data/loader.h"
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

LoaderOptions loader_options(const PredictOptions& options) {
    LoaderOptions loading;
    loading.batch = options.batch;
    loading.threads = options.threads > 0 ? options.threads : usable_cores();
    loading.limits = options.limits;
    return loading;
}

}  // namespace

Predictor::Predictor(const ModelFile& model, const Compute& compute)
    : preprocess_(model.preprocess),
      classes_(model.network.classes),
      inference_(build_network(model.network), model.weights, compute) {}

Predictions Predictor::predict(
    std::vector<Sample> inputs, const PredictOptions& options, Progress& progress) {
    const auto count = inputs.size();
    const auto total = static_cast<std::int64_t>(count);
    const auto classes = static_cast<std::size_t>(classes_);
    Predictions predictions;
    predictions.probabilities.resize(count * classes);
    predictions.errors.resize(count);
    if (inputs.empty()) return predictions;

    Loader loader(std::move(inputs), preprocess_, loader_options(options));
    const Compute& compute = inference_.compute();
    std::int64_t done = 0;
    for (BatchView batch = loader.next(); batch.count > 0; batch = loader.next()) {
        const at::Tensor input = normalised(batch, preprocess_, compute.type(), compute.device);
        const at::Tensor probabilities =
            inference_.logits(input).softmax(1).to(at::kCPU).contiguous();
        const float* rows = probabilities.data_ptr<float>();
        for (std::size_t i = 0; i < batch.failures.size(); ++i) {
            const auto at = static_cast<std::size_t>(done) + i;
            predictions.errors[at] = message_of(batch.failures[i]);
            if (predictions.errors[at].empty())
                std::copy_n(rows + i * classes, classes, &predictions.probabilities[at * classes]);
        }
        done += batch.count;
        progress.advance_or_throw({"predict", done, total});
    }
    return predictions;
}

}  // namespace georgia
