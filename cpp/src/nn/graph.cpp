#include "georgia/nn/graph.h"

#include <algorithm>
#include <utility>

namespace georgia {

Graph::Graph(std::int64_t channels) {
    append({"input", Operation::kInput, {}, {}, {}, channels});
}

void Graph::begin_stage(std::string name) {
    stage_ = std::move(name);
}

NodeId Graph::append(Node node) {
    node.stage = stage_;
    nodes_.push_back(std::move(node));
    return nodes_.size() - 1;
}

NodeId Graph::convolution(const std::string& name, NodeId input, const Attributes& attributes) {
    return append(
        {name, Operation::kConvolution, attributes, {input}, {}, attributes.out_channels});
}

NodeId Graph::batch_norm(const std::string& name, NodeId input) {
    return append({name, Operation::kBatchNorm, {}, {input}, {}, channels_of(input)});
}

NodeId Graph::relu(const std::string& name, NodeId input) {
    return append({name, Operation::kRelu, {}, {input}, {}, channels_of(input)});
}

NodeId Graph::max_pool(const std::string& name, NodeId input, const Attributes& attributes) {
    return append({name, Operation::kMaxPool, attributes, {input}, {}, channels_of(input)});
}

NodeId Graph::average_pool(const std::string& name, NodeId input) {
    return append({name, Operation::kAveragePool, {}, {input}, {}, channels_of(input)});
}

NodeId Graph::add(const std::string& name, NodeId left, NodeId right) {
    return append({name, Operation::kAdd, {}, {left, right}, {}, channels_of(left)});
}

NodeId Graph::linear(const std::string& name, NodeId input, std::int64_t out_features) {
    Attributes attributes;
    attributes.out_channels = out_features;
    attributes.bias = true;
    return append({name, Operation::kLinear, attributes, {input}, {}, out_features});
}

std::vector<std::string> Graph::stages() const {
    std::vector<std::string> names;
    for (const Node& node : nodes_)
        if (!node.stage.empty() && std::find(names.begin(), names.end(), node.stage) == names.end())
            names.push_back(node.stage);
    return names;
}

}  // namespace georgia
