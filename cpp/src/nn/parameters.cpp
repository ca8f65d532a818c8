#include "georgia/nn/parameters.h"

#include <ATen/ATen.h>
#include <algorithm>
#include <cmath>
#include <span>
#include <sstream>

#include "georgia/base/error.h"
#include "georgia/base/random.h"

namespace georgia {
namespace {

void append_convolution(const Graph& graph, const Node& node, std::vector<TensorSpec>& specs) {
    const Attributes& a = node.attributes;
    const std::int64_t in = graph.channels_of(node.inputs[0]);
    const std::int64_t area = a.kernel * a.kernel;
    specs.push_back(
        {node.name + ".weight",
         node.stage,
         TensorKind::kWeight,
         {a.out_channels, in, a.kernel, a.kernel},
         in * area,
         a.out_channels * area});
    if (a.bias)
        specs.push_back(
            {node.name + ".bias", node.stage, TensorKind::kBias, {a.out_channels}, in * area, 0});
}

void append_batch_norm(const Node& node, std::vector<TensorSpec>& specs) {
    const auto append = [&](const char* suffix, TensorKind kind, std::vector<std::int64_t> shape) {
        specs.push_back({node.name + suffix, node.stage, kind, std::move(shape)});
    };
    append(".weight", TensorKind::kNormScale, {node.channels});
    append(".bias", TensorKind::kNormShift, {node.channels});
    append(".running_mean", TensorKind::kRunningMean, {node.channels});
    append(".running_var", TensorKind::kRunningVariance, {node.channels});
    append(".num_batches_tracked", TensorKind::kBatchCount, {});
}

void append_linear(const Graph& graph, const Node& node, std::vector<TensorSpec>& specs) {
    const std::int64_t in = graph.channels_of(node.inputs[0]);
    const std::int64_t out = node.attributes.out_channels;
    specs.push_back({node.name + ".weight", node.stage, TensorKind::kWeight, {out, in}, in, out});
    specs.push_back({node.name + ".bias", node.stage, TensorKind::kBias, {out}, in, out});
}

at::Tensor initial_tensor(const TensorSpec& spec, RandomStream& random) {
    switch (spec.kind) {
        case TensorKind::kNormScale:
        case TensorKind::kRunningVariance:
            return at::ones(spec.shape);
        case TensorKind::kNormShift:
        case TensorKind::kRunningMean:
            return at::zeros(spec.shape);
        case TensorKind::kBatchCount:
            return at::zeros(spec.shape, at::kLong);
        case TensorKind::kWeight:
        case TensorKind::kBias:
            break;
    }
    at::Tensor tensor = at::empty(spec.shape);
    const std::span values(tensor.data_ptr<float>(), static_cast<std::size_t>(tensor.numel()));
    const bool is_convolution = spec.shape.size() == 4;
    const double deviation =
        std::sqrt(2.0 / static_cast<double>(std::max<std::int64_t>(spec.fan_out, 1)));
    const double bound = 1 / std::sqrt(static_cast<double>(spec.fan_in));
    for (float& value : values)
        value = static_cast<float>(
            is_convolution ? deviation * random.normal() : random.uniform(-bound, bound));
    return tensor;
}

std::string shape_text(at::IntArrayRef shape) {
    std::ostringstream text;
    text << shape;
    return text.str();
}

}  // namespace

std::vector<TensorSpec> tensor_specs(const Graph& graph) {
    std::vector<TensorSpec> specs;
    for (const Node& node : graph.nodes()) {
        if (node.operation == Operation::kConvolution) append_convolution(graph, node, specs);
        if (node.operation == Operation::kBatchNorm) append_batch_norm(node, specs);
        if (node.operation == Operation::kLinear) append_linear(graph, node, specs);
    }
    return specs;
}

std::int64_t count_parameters(const Graph& graph) {
    std::int64_t count = 0;
    for (const TensorSpec& spec : tensor_specs(graph))
        if (spec.is_trained()) count += c10::multiply_integers(spec.shape);
    return count;
}

TensorMap initial_weights(const Graph& graph, std::uint64_t seed) {
    TensorMap weights;
    std::uint32_t number = 0;
    for (const TensorSpec& spec : tensor_specs(graph)) {
        RandomStream random({seed, 0, number++, Purpose::kWeights});
        weights[spec.name] = initial_tensor(spec, random);
    }
    return weights;
}

void check_weights(const Graph& graph, const TensorMap& weights, std::string_view subject) {
    std::string wrong;
    std::size_t found = 0;
    for (const TensorSpec& spec : tensor_specs(graph)) {
        const auto it = weights.find(spec.name);
        if (it == weights.end()) {
            wrong += "\n  missing " + spec.name;
            continue;
        }
        ++found;
        if (it->second.sizes() != at::IntArrayRef(spec.shape))
            wrong += "\n  " + spec.name + ": expected shape " + shape_text(spec.shape) + ", got " +
                     shape_text(it->second.sizes());
        const at::ScalarType type = spec.kind == TensorKind::kBatchCount ? at::kLong : at::kFloat;
        if (it->second.scalar_type() != type)
            wrong += "\n  " + spec.name + ": expected " + c10::toString(type) + ", got " +
                     c10::toString(it->second.scalar_type());
    }
    if (found < weights.size()) {
        std::set<std::string> known;
        for (const TensorSpec& spec : tensor_specs(graph)) known.insert(spec.name);
        for (const auto& [name, tensor] : weights)
            if (!known.contains(name)) wrong += "\n  unexpected " + name;
    }
    if (!wrong.empty())
        throw BadInput("weights", subject, "the tensors do not fit the network:" + wrong);
}

std::set<std::string> set_trainable(
    const Graph& graph, TensorMap& weights, const std::vector<std::string>& stages) {
    const std::vector<std::string> known = graph.stages();
    std::set<std::string> chosen;
    for (const std::string& stage : stages) {
        if (stage == "all") {
            chosen.insert(known.begin(), known.end());
        } else if (std::find(known.begin(), known.end(), stage) != known.end()) {
            chosen.insert(stage);
        } else {
            std::string names = "all";
            for (const std::string& name : known) names += ", " + name;
            throw InvalidOption("options", "trainable", "unknown stage", "one of " + names, stage);
        }
    }
    for (const TensorSpec& spec : tensor_specs(graph))
        if (spec.is_trained()) weights.at(spec.name).requires_grad_(chosen.contains(spec.stage));
    return chosen;
}

}  // namespace georgia
