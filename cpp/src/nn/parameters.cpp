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

/// Collects the tensors of one node, in torchvision's order.
class Collector {
  public:
    Collector(const Graph& graph, NodeId id, std::vector<TensorSpec>& specs)
        : node_(graph[id]), id_(id), specs_(specs) {}

    void add(
        const char* suffix,
        TensorKind kind,
        std::vector<std::int64_t> shape,
        std::int64_t fan_in = 0,
        std::int64_t fan_out = 0) {
        specs_.push_back(
            {node_.name + suffix,
             node_.stage,
             kind,
             std::move(shape),
             fan_in,
             fan_out,
             node_.is_auxiliary,
             id_});
    }

    void add_weight(std::vector<std::int64_t> shape, std::int64_t fan_in, std::int64_t fan_out) {
        const std::int64_t out = shape[0];
        add(".weight", TensorKind::kWeight, std::move(shape), fan_in, fan_out);
        if (node_.attributes.bias) add(".bias", TensorKind::kBias, {out}, fan_in, fan_out);
    }

    void add_norm() {
        add(".weight", TensorKind::kNormScale, {node_.channels});
        add(".bias", TensorKind::kNormShift, {node_.channels});
    }

  private:
    const Node& node_;
    NodeId id_;
    std::vector<TensorSpec>& specs_;
};

void append_tensors(const Graph& graph, NodeId id, std::vector<TensorSpec>& specs) {
    const Node& node = graph[id];
    const Attributes& a = node.attributes;
    Collector collector(graph, id, specs);
    switch (node.operation) {
        case Operation::kConvolution: {
            const std::int64_t in = graph.channels_of(node.inputs[0]) / a.groups;
            collector.add_weight(
                {a.out_channels, in, a.kernel.height, a.kernel.width},
                in * a.kernel.area(),
                a.out_channels / a.groups * a.kernel.area());
            break;
        }
        case Operation::kLinear: {
            const std::int64_t in = graph.channels_of(node.inputs[0]);
            collector.add_weight({a.out_channels, in}, in, a.out_channels);
            break;
        }
        case Operation::kLayerNorm:
            collector.add_norm();
            break;
        case Operation::kBatchNorm:
            collector.add_norm();
            collector.add(".running_mean", TensorKind::kRunningMean, {node.channels});
            collector.add(".running_var", TensorKind::kRunningVariance, {node.channels});
            collector.add(".num_batches_tracked", TensorKind::kBatchCount, {});
            break;
        case Operation::kParameter:
            collector.add("", TensorKind::kLayerScale, {node.channels, 1, 1});
            break;
        default:
            break;
    }
}

at::ScalarType type_of(const TensorSpec& spec) {
    return spec.kind == TensorKind::kBatchCount ? at::kLong : at::kFloat;
}

at::Tensor initial_tensor(const TensorSpec& spec, bool is_last, RandomStream& random) {
    switch (spec.kind) {
        case TensorKind::kNormScale:
        case TensorKind::kRunningVariance:
            return at::ones(spec.shape);
        case TensorKind::kNormShift:
        case TensorKind::kRunningMean:
            return at::zeros(spec.shape);
        case TensorKind::kLayerScale:
            return at::full(spec.shape, 1e-6);
        case TensorKind::kBatchCount:
            return at::zeros(spec.shape, at::kLong);
        case TensorKind::kWeight:
        case TensorKind::kBias:
            break;
    }
    at::Tensor tensor = at::empty(spec.shape);
    const std::span values(tensor.data_ptr<float>(), static_cast<std::size_t>(tensor.numel()));
    // A last layer that is a convolution (SqueezeNet's) begins like a linear one.
    const bool is_convolution = spec.shape.size() == 4 && !is_last;
    const double deviation =
        std::sqrt(2.0 / static_cast<double>(std::max<std::int64_t>(spec.fan_out, 1)));
    const double bound = 1 / std::sqrt(static_cast<double>(spec.fan_in));
    for (float& value : values)
        value = static_cast<float>(
            is_convolution ? deviation * random.normal() : random.uniform(-bound, bound));
    return tensor;
}

}  // namespace

std::vector<TensorSpec> tensor_specs(const Graph& graph) {
    std::vector<TensorSpec> specs;
    for (NodeId id = 0; id < graph.nodes().size(); ++id) append_tensors(graph, id, specs);
    return specs;
}

std::string shape_text(at::IntArrayRef shape) {
    std::ostringstream text;
    text << shape;
    return text.str();
}

std::int64_t count_parameters(const Graph& graph) {
    std::int64_t count = 0;
    for (const TensorSpec& spec : tensor_specs(graph))
        if (spec.is_trained()) count += c10::multiply_integers(spec.shape);
    return count;
}

void draw_missing_weights(const Graph& graph, std::uint64_t seed, TensorMap& weights) {
    std::uint32_t number = 0;
    const std::string last = graph[graph.last_layer()].name + ".weight";
    for (const TensorSpec& spec : tensor_specs(graph)) {
        RandomStream random({seed, 0, number++, Purpose::kWeights});
        if (!weights.contains(spec.name))
            weights[spec.name] = initial_tensor(spec, spec.name == last, random);
    }
}

TensorMap initial_weights(const Graph& graph, std::uint64_t seed) {
    TensorMap weights;
    draw_missing_weights(graph, seed, weights);
    return weights;
}

TensorMap zero_weights(const Graph& graph) {
    TensorMap weights;
    for (const TensorSpec& spec : tensor_specs(graph))
        weights[spec.name] = at::zeros(spec.shape, type_of(spec));
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
        const at::ScalarType type = type_of(spec);
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

}  // namespace georgia
