#include "engine/fused_layer.h"

#include <ATen/ATen.h>
#include <array>
#include <string_view>

#include "georgia/nn/apply.h"

#include "engine/pointwise.h"

namespace georgia {
namespace {

/// What a channel is multiplied by, and what is added then; (C) float64.
struct ChannelScale {
    at::Tensor factor;
    at::Tensor shift;
};

at::Tensor wide(const TensorMap& weights, const std::string& name) {
    return weights.find(name)->second.detach().to(at::kDouble).flatten();
}

ChannelScale scale_of(const Graph& graph, const Node& node, const TensorMap& weights) {
    if (node.operation == Operation::kMultiply) {
        const at::Tensor factor = wide(weights, graph[node.inputs[1]].name);
        return {factor, at::zeros_like(factor)};
    }
    const at::Tensor deviation =
        (wide(weights, node.name + ".running_var") + node.attributes.epsilon).sqrt();
    const at::Tensor factor = wide(weights, node.name + ".weight") / deviation;
    const at::Tensor mean = wide(weights, node.name + ".running_mean");
    return {factor, wide(weights, node.name + ".bias") - mean * factor};
}

Placement placement_of(const Attributes& attributes) {
    return {attributes.padding, attributes.stride, attributes.groups};
}

std::string_view name_of_activation(const std::optional<Operation>& activation) {
    if (!activation) return "none";
    return *activation == Operation::kRelu ? "relu" : "gelu";
}

}  // namespace

FusedLayer::FusedLayer(
    const Graph& graph,
    const FusedNodes& nodes,
    const TensorMap& weights,
    const Compute& compute,
    const Shape& input,
    std::int64_t images)
    : is_convolution_(graph[nodes.layer].operation == Operation::kConvolution),
      attributes_(graph[nodes.layer].attributes) {
    const Node& layer = graph[nodes.layer];
    if (nodes.activation) activation_ = graph[*nodes.activation].operation;
    if (nodes.padding) {
        const Extent more = graph[*nodes.padding].attributes.padding;
        attributes_.padding.height += more.height;
        attributes_.padding.width += more.width;
    }

    const at::Tensor plain = weights.find(layer.name + ".weight")->second.detach();
    const at::Device from = plain.device();
    at::Tensor factor = at::ones({layer.channels}, at::TensorOptions(at::kDouble).device(from));
    at::Tensor shift =
        layer.attributes.bias ? wide(weights, layer.name + ".bias") : at::zeros_like(factor);
    for (const NodeId id : nodes.scales) {
        const ChannelScale scale = scale_of(graph, graph[id], weights);
        factor = factor * scale.factor;
        shift = shift * scale.factor + scale.shift;
    }
    std::vector<std::int64_t> by_channel(static_cast<std::size_t>(plain.dim()), 1);
    by_channel[0] = layer.channels;
    const at::ScalarType type = layer.has_rows ? at::kFloat : compute.type();
    weight_ = (plain.to(at::kDouble) * factor.view(by_channel)).to(compute.device, type);
    if (layer.attributes.bias || !nodes.scales.empty()) bias_ = shift.to(compute.device, type);

    is_packed_ = compute.device.is_cpu() && pointwise::is_there(type);
    if (!is_packed_) {
        if (is_convolution_) weight_ = weight_.contiguous(at::MemoryFormat::ChannelsLast);
        return;
    }
    if (is_convolution_) {
        const std::array sizes{images, input.channels, input.height, input.width};
        weight_ = pointwise::packed_convolution_weight(weight_, placement_of(attributes_), sizes);
    } else {
        weight_ = pointwise::packed_linear_weight(weight_, images * input.height * input.width);
    }
}

at::Tensor FusedLayer::operator()(
    const at::Tensor& x, const std::optional<at::Tensor>& added, bool may_overwrite) const {
    return is_convolution_ ? convolution(x, added, may_overwrite) : linear(x);
}

at::Tensor FusedLayer::convolution(
    const at::Tensor& x, const std::optional<at::Tensor>& added, bool may_overwrite) const {
    const Placement at = placement_of(attributes_);
    if (is_packed_) {
        const std::string_view activation = name_of_activation(activation_);
        if (!added) return pointwise::convolution(x, weight_, bias_, at, activation);
        return pointwise::convolution_and_sum(
            x, *added, weight_, bias_, at, activation, may_overwrite);
    }
    const std::array padding{at.padding.height, at.padding.width};
    at::Tensor y = at::conv2d(x, weight_, bias_, at.stride, padding, 1, at.groups);
    if (added) y.add_(*added);
    return activated(std::move(y));
}

at::Tensor FusedLayer::linear(const at::Tensor& x) const {
    const at::Tensor input = x.dim() == 2 ? x.to(at::kFloat) : x;
    return at_each_pixel(input, [&](const at::Tensor& rows) {
        if (is_packed_)
            return pointwise::linear(rows, weight_, bias_, name_of_activation(activation_));
        return activated(at::linear(rows, weight_, bias_));
    });
}

at::Tensor FusedLayer::activated(at::Tensor x) const {
    if (activation_ == Operation::kRelu) return x.relu_();
    return activation_ == Operation::kGelu ? at::gelu(x) : x;
}

}  // namespace georgia
