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

at::Tensor doubled(const TensorMap& weights, const std::string& name) {
    return weights.find(name)->second.detach().to(at::kDouble).flatten();
}

ChannelScale scale_of(const Graph& graph, const Node& node, const TensorMap& weights) {
    if (node.operation == Operation::kMultiply) {
        const at::Tensor factor = doubled(weights, graph[node.inputs[1]].name);
        return {factor, at::zeros_like(factor)};
    }
    const at::Tensor deviation =
        (doubled(weights, node.name + ".running_var") + node.attributes.epsilon).sqrt();
    const at::Tensor factor = doubled(weights, node.name + ".weight") / deviation;
    const at::Tensor mean = doubled(weights, node.name + ".running_mean");
    return {factor, doubled(weights, node.name + ".bias") - mean * factor};
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
    const Graph& graph, const FusedNodes& nodes, const TensorMap& weights, const Setting& setting)
    : is_convolution_(graph[nodes.layer].operation == Operation::kConvolution),
      attributes_(graph[nodes.layer].attributes) {
    const Node& layer = graph[nodes.layer];
    if (nodes.activation) activation_ = graph[*nodes.activation].operation;
    if (nodes.padding) {
        const Extent more = graph[*nodes.padding].attributes.padding;
        attributes_.padding.height += more.height;
        attributes_.padding.width += more.width;
    }

    const Compute& compute = setting.compute;
    const at::ScalarType type = layer.has_rows ? at::kFloat : compute.type();
    weight_ = weights.find(layer.name + ".weight")->second.detach();
    if (layer.attributes.bias) bias_ = weights.find(layer.name + ".bias")->second.detach();
    if (!nodes.scales.empty()) fold(graph, nodes.scales, weights);
    weight_ = weight_.to(compute.device, type);
    if (bias_) bias_ = bias_->to(compute.device, type);

    is_packed_ = setting.may_pack && compute.device.is_cpu() && pointwise::is_there(type);
    const Shape& input = setting.input;
    if (is_packed_ && is_convolution_) {
        const std::array sizes{setting.images, input.channels, input.height, input.width};
        weight_ = pointwise::packed_convolution_weight(weight_, placement_of(attributes_), sizes);
    } else if (is_packed_) {
        const std::int64_t rows = setting.images * input.height * input.width;
        weight_ = pointwise::packed_linear_weight(weight_, rows);
    } else if (is_convolution_) {
        weight_ = weight_.contiguous(at::MemoryFormat::ChannelsLast);
    }
}

void FusedLayer::fold(
    const Graph& graph, const std::vector<NodeId>& scales, const TensorMap& weights) {
    const std::int64_t channels = weight_.size(0);
    const at::TensorOptions options = weight_.options().dtype(at::kDouble);
    at::Tensor factor = at::ones({channels}, options);
    at::Tensor shift = bias_ ? bias_->to(at::kDouble) : at::zeros({channels}, options);
    for (const NodeId id : scales) {
        const ChannelScale scale = scale_of(graph, graph[id], weights);
        factor = factor * scale.factor;
        shift = shift * scale.factor + scale.shift;
    }
    std::vector<std::int64_t> by_channel(static_cast<std::size_t>(weight_.dim()), 1);
    by_channel[0] = channels;
    weight_ = weight_.to(at::kDouble) * factor.view(by_channel);
    bias_ = shift;
}

at::Tensor FusedLayer::operator()(
    const at::Tensor& x, const std::optional<at::Tensor>& added, bool may_overwrite) const {
    return is_convolution_ ? convolution(x, added, may_overwrite) : linear(x);
}

at::Tensor FusedLayer::convolution(
    const at::Tensor& x, const std::optional<at::Tensor>& added, bool may_overwrite) const {
    const Placement placement = placement_of(attributes_);
    if (is_packed_) {
        const std::string_view activation = name_of_activation(activation_);
        if (!added) return pointwise::convolution(x, weight_, bias_, placement, activation);
        return pointwise::convolution_and_sum(
            x, *added, weight_, bias_, placement, activation, may_overwrite);
    }
    const std::array padding{placement.padding.height, placement.padding.width};
    at::Tensor y = at::conv2d(x, weight_, bias_, placement.stride, padding, 1, placement.groups);
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
