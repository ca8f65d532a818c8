#include "engine/fusion.h"

#include <map>

#include "georgia/nn/execute.h"

namespace georgia {
namespace {

FusedNodes alone(NodeId id) {
    FusedNodes kernel;
    kernel.layer = kernel.result = id;
    return kernel;
}

class Fusion {
  public:
    Fusion(const Graph& graph, const std::set<NodeId>& given, const std::vector<NodeId>& outputs)
        : graph_(graph),
          given_(given),
          uses_(uses_of(graph, given, outputs)),
          readers_(uses_.size()) {
        for (NodeId id = 0; id < uses_.size(); ++id)
            if (is_computed(id))
                for (const NodeId input : graph[id].inputs) readers_[input].push_back(id);
    }

    std::vector<FusedNodes> run() {
        for (NodeId id = 0; id < uses_.size(); ++id)
            if (is_computed(id) && fuses(graph_[id].operation)) gather(id);
        for (NodeId id = 0; id < uses_.size(); ++id)
            if (is_computed(id) && !taken_.contains(id)) found_[id] = alone(id);
        std::vector<FusedNodes> kernels;
        for (const auto& [result, kernel] : found_) kernels.push_back(kernel);
        return kernels;
    }

  private:
    bool is_computed(NodeId id) const {
        return uses_[id] > 0 && !given_.contains(id);
    }

    /// The one node that reads a value which nobody else needs, and which no kernel has taken.
    std::optional<NodeId> only_reader(NodeId id) const {
        if (uses_[id] != 1 || readers_[id].size() != 1) return std::nullopt;
        const NodeId reader = readers_[id].front();
        return taken_.contains(reader) ? std::nullopt : std::optional(reader);
    }

    bool scales(const Node& node) const {
        const bool is_by_parameter = node.operation == Operation::kMultiply &&
                                     graph_[node.inputs[1]].operation == Operation::kParameter;
        return node.operation == Operation::kBatchNorm || is_by_parameter;
    }

    void gather(NodeId layer) {
        const Operation operation = graph_[layer].operation;
        FusedNodes kernel = alone(layer);
        kernel.input = graph_[layer].inputs[0];
        const auto take = [&](NodeId id) { kernel.result = id; };
        const Node& before = graph_[kernel.input];
        const bool is_convolution = operation == Operation::kConvolution;
        if (is_convolution && before.operation == Operation::kZeroPad &&
            is_computed(kernel.input) && only_reader(kernel.input)) {
            kernel.padding = kernel.input;
            kernel.input = before.inputs[0];
        }
        auto next = only_reader(layer);
        for (; next && scales(graph_[*next]); next = only_reader(*next)) {
            kernel.scales.push_back(*next);
            take(*next);
        }
        if (next && is_convolution && graph_[*next].operation == Operation::kAdd) {
            const auto& inputs = graph_[*next].inputs;
            kernel.added = inputs[0] == kernel.result ? inputs[1] : inputs[0];
            kernel.sum = next;
            take(*next);
            next = only_reader(*next);
        }
        if (next && (graph_[*next].operation == Operation::kRelu ||
                     (!is_convolution && graph_[*next].operation == Operation::kGelu))) {
            kernel.activation = next;
            take(*next);
        }
        for (const NodeId id : kernel.nodes()) taken_.insert(id);
        for (const NodeId scale : kernel.scales)
            if (graph_[scale].operation == Operation::kMultiply)
                taken_.insert(graph_[scale].inputs[1]);
        found_[kernel.result] = kernel;
    }

    const Graph& graph_;
    const std::set<NodeId>& given_;
    std::vector<int> uses_;
    std::vector<std::vector<NodeId>> readers_;  // among the nodes that are computed
    std::set<NodeId> taken_;
    std::map<NodeId, FusedNodes> found_;  // by result: each reads results before it
};

}  // namespace

std::vector<NodeId> FusedNodes::nodes() const {
    std::vector<NodeId> all;
    if (padding) all.push_back(*padding);
    all.push_back(layer);
    all.insert(all.end(), scales.begin(), scales.end());
    if (sum) all.push_back(*sum);
    if (activation) all.push_back(*activation);
    return all;
}

bool fuses(Operation operation) {
    return operation == Operation::kConvolution || operation == Operation::kLinear;
}

std::vector<FusedNodes> fuse(
    const Graph& graph, const std::set<NodeId>& given, const std::vector<NodeId>& outputs) {
    return Fusion(graph, given, outputs).run();
}

}  // namespace georgia
