#include "georgia/nn/graph.h"

#include <algorithm>
#include <utility>

#include "georgia/base/error.h"

namespace georgia {
namespace {

bool has_weights(const Node& node) {
    return node.operation == Operation::kConvolution || node.operation == Operation::kLinear;
}

}  // namespace

Graph::Graph(std::int64_t channels) {
    Node input;
    input.name = "input";
    input.channels = channels;
    nodes_.push_back(std::move(input));
}

void Graph::begin_stage(std::string name) {
    stage_ = std::move(name);
}

void Graph::begin_auxiliary() {
    in_auxiliary_ = true;
}

void Graph::end_auxiliary(NodeId output) {
    in_auxiliary_ = false;
    auxiliary_output_ = output;
}

NodeId Graph::append(
    Operation operation,
    const std::string& name,
    std::vector<NodeId> inputs,
    const Attributes& attributes) {
    Node node{name, operation, attributes, std::move(inputs), stage_};
    node.is_auxiliary = in_auxiliary_;
    if (!node.inputs.empty()) {
        node.channels = channels_of(node.inputs[0]);
        node.has_rows = nodes_[node.inputs[0]].has_rows;
    }
    if (attributes.out_channels > 0) node.channels = attributes.out_channels;
    nodes_.push_back(std::move(node));
    return nodes_.size() - 1;
}

NodeId Graph::zero_pad(const std::string& name, NodeId input, Extent padding) {
    return append(Operation::kZeroPad, name, {input}, {.padding = padding});
}

NodeId Graph::convolution(const std::string& name, NodeId input, const Attributes& attributes) {
    return append(Operation::kConvolution, name, {input}, attributes);
}

NodeId Graph::batch_norm(const std::string& name, NodeId input, double epsilon) {
    return append(Operation::kBatchNorm, name, {input}, {.epsilon = epsilon});
}

NodeId Graph::layer_norm(const std::string& name, NodeId input, double epsilon) {
    return append(Operation::kLayerNorm, name, {input}, {.epsilon = epsilon});
}

NodeId Graph::relu(const std::string& name, NodeId input) {
    return append(Operation::kRelu, name, {input});
}

NodeId Graph::gelu(const std::string& name, NodeId input) {
    return append(Operation::kGelu, name, {input});
}

NodeId Graph::max_pool(const std::string& name, NodeId input, const Attributes& attributes) {
    return append(Operation::kMaxPool, name, {input}, attributes);
}

NodeId Graph::average_pool(const std::string& name, NodeId input, const Attributes& attributes) {
    return append(Operation::kAveragePool, name, {input}, attributes);
}

NodeId Graph::adaptive_average_pool(const std::string& name, NodeId input, Extent size) {
    return append(Operation::kAdaptiveAveragePool, name, {input}, {.size = size});
}

NodeId Graph::global_average_pool(const std::string& name, NodeId input) {
    const NodeId id = append(Operation::kGlobalAveragePool, name, {input});
    nodes_[id].has_rows = true;
    return id;
}

NodeId Graph::global_max_pool(const std::string& name, NodeId input) {
    const NodeId id = append(Operation::kGlobalMaxPool, name, {input});
    nodes_[id].has_rows = true;
    return id;
}

NodeId Graph::flatten(const std::string& name, NodeId input, Extent plane) {
    const NodeId id = append(Operation::kFlatten, name, {input}, {.size = plane});
    nodes_[id].channels = channels_of(input) * plane.area();
    nodes_[id].has_rows = true;
    return id;
}

NodeId Graph::linear(const std::string& name, NodeId input, std::int64_t out_features) {
    return append(Operation::kLinear, name, {input}, {.out_channels = out_features, .bias = true});
}

NodeId Graph::parameter(const std::string& name, std::int64_t channels) {
    return append(Operation::kParameter, name, {}, {.out_channels = channels});
}

NodeId Graph::multiply(const std::string& name, NodeId left, NodeId right) {
    return append(Operation::kMultiply, name, {left, right});
}

NodeId Graph::add(const std::string& name, NodeId left, NodeId right) {
    return append(Operation::kAdd, name, {left, right});
}

NodeId Graph::concatenate(const std::string& name, const std::vector<NodeId>& inputs) {
    const NodeId id = append(Operation::kConcatenate, name, inputs);
    nodes_[id].channels = 0;
    for (const NodeId input : inputs) nodes_[id].channels += channels_of(input);
    return id;
}

NodeId Graph::dropout(const std::string& name, NodeId input, double rate) {
    return append(Operation::kDropout, name, {input}, {.rate = rate});
}

NodeId Graph::stochastic_depth(const std::string& name, NodeId input, double rate) {
    return append(Operation::kStochasticDepth, name, {input}, {.rate = rate});
}

NodeId Graph::prepend_zero(const std::string& name, NodeId input) {
    return append(Operation::kPrependZero, name, {input}, {.out_channels = 2});
}

std::vector<std::string> Graph::stages() const {
    std::vector<std::string> names;
    for (const Node& node : nodes_) {
        const bool is_new = std::find(names.begin(), names.end(), node.stage) == names.end();
        if (!node.stage.empty() && !node.is_auxiliary && is_new) names.push_back(node.stage);
    }
    return names;
}

NodeId Graph::last_layer() const {
    NodeId id = output();
    while (!has_weights(nodes_[id])) --id;
    return id;
}

NodeId Graph::find(std::string_view name) const {
    if (name == "features") return nodes_[last_layer()].inputs[0];
    for (NodeId id = nodes_.size(); id-- > 0;) {
        const Node& node = nodes_[id];
        const bool gives_features = !node.is_auxiliary && node.operation != Operation::kParameter;
        if (gives_features && (node.name == name || node.stage == name)) return id;
    }
    std::string known = "features";
    for (const std::string& stage : stages()) known += ", " + stage;
    throw InvalidOption(
        "network", "stage", "unknown name", known + " or the name of a layer", name);
}

}  // namespace georgia
