#include "train/job_setup.h"

#include <ATen/ATen.h>
#include <string>

#include "georgia/base/error.h"

namespace georgia {
namespace {

Sampling sampling_of(Imbalance method) {
    if (method == Imbalance::kSampler) return Sampling::kByClass;
    return method == Imbalance::kBalance ? Sampling::kBalance : Sampling::kEach;
}

}  // namespace

std::vector<std::int64_t> class_counts_of(const TrainJob& job) {
    std::vector<std::int64_t> counts(job.classes.size());
    const auto check = [&](const Sample& sample) {
        const auto label = static_cast<std::size_t>(sample.label);
        if (label >= counts.size())
            throw InvalidOption(
                "train",
                "labels",
                "no such class",
                "0 to " + std::to_string(counts.size() - 1),
                std::to_string(sample.label));
        return label;
    };
    for (const Sample& sample : job.validation) check(sample);
    for (const Sample& sample : job.train) ++counts[check(sample)];
    return counts;
}

TensorMap first_weights(const TrainJob& job, const Graph& graph, const TrainOptions& options) {
    TensorMap weights;
    for (const auto& [name, tensor] : job.weights) weights[name] = tensor.clone();
    if (weights.empty()) weights = initial_weights(graph, static_cast<std::uint64_t>(options.seed));
    check_weights(graph, weights, "the weights to begin with");
    return weights;
}

std::int64_t entries_of(const std::vector<Sample>& samples, const TrainOptions& options) {
    std::vector<std::int64_t> labels;
    for (const Sample& sample : samples) labels.push_back(sample.label);
    const ImbalanceOptions& imbalance = options.imbalance;
    return EpochOrder(labels, sampling_of(imbalance.method), imbalance.balance_to).count();
}

LoaderOptions validation_loading(const TrainOptions& options, const Phase& phase, int threads) {
    LoaderOptions loading;
    loading.limits = options.limits;
    loading.batch = phase.batch;
    loading.threads = threads;
    loading.seed = static_cast<std::uint64_t>(options.seed);
    return loading;
}

LoaderOptions training_loading(
    const TrainOptions& options, const Phase& phase, int threads, std::int64_t epochs) {
    LoaderOptions loading = validation_loading(options, phase, threads);
    loading.epochs = epochs;
    loading.shuffle = true;
    loading.augment = options.augment;
    loading.sampling = sampling_of(options.imbalance.method);
    loading.balance_to = options.imbalance.balance_to;
    return loading;
}

}  // namespace georgia
