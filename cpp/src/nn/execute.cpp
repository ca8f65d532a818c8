#include "georgia/nn/execute.h"

#include <ATen/ATen.h>

#include "georgia/nn/apply.h"

#include "nn/drop.h"

namespace georgia {
namespace {

std::set<NodeId> keys_of(const GivenValues& given) {
    std::set<NodeId> keys;
    for (const auto& [id, value] : given) keys.insert(id);
    return keys;
}

/// One pass through a graph.
class Pass {
  public:
    Pass(
        const Graph& graph,
        TensorMap& weights,
        const GivenValues& given,
        const std::vector<NodeId>& outputs,
        const ExecuteMode& mode)
        : graph_(graph),
          weights_(weights),
          mode_(mode),
          given_(given),
          values_(graph.nodes().size()),
          uses_(uses_of(graph, keys_of(given), outputs)) {}

    std::vector<at::Tensor> run(at::ScalarType type, const std::vector<NodeId>& outputs) {
        for (const auto& [id, value] : given_) values_[id] = value;
        for (NodeId id = 0; id < values_.size(); ++id) {
            if (uses_[id] == 0 || given_.contains(id)) continue;
            values_[id] = compute(id, type);
            for (const NodeId used : graph_[id].inputs)
                if (--uses_[used] == 0) values_[used].reset();
        }
        std::vector<at::Tensor> results;
        for (const NodeId output : outputs) results.push_back(values_[output]);
        return results;
    }

  private:
    at::Tensor compute(NodeId id, at::ScalarType type) {
        const Node& node = graph_[id];
        std::vector<at::Tensor> inputs;
        for (const NodeId input : node.inputs) inputs.push_back(values_[input]);
        const bool drops = mode_.drop.contains(node.stage);
        if (node.operation == Operation::kBatchNorm &&
            mode_.normalise_by_batch.contains(node.stage))
            return normalised_by_batch(node, inputs[0]);
        if (node.operation == Operation::kDropout && drops)
            return dropped_values(inputs[0], node.attributes.rate, mode_.key, id);
        if (node.operation == Operation::kStochasticDepth && drops)
            return dropped_images(inputs[0], node.attributes.rate, mode_.key, id);
        const bool may_overwrite = !inputs.empty() && is_free(node.inputs[0]);
        return apply(node, inputs, weights_, {type, may_overwrite});
    }

    /// True where nobody reads the value again: no later node, not the gradient of the operation
    /// that made it, and not the caller.
    bool is_free(NodeId id) const {
        const Operation made_by = graph_[id].operation;
        return uses_[id] == 1 && !given_.contains(id) &&
               (made_by == Operation::kBatchNorm || made_by == Operation::kAdd ||
                made_by == Operation::kConvolution);
    }

    at::Tensor normalised_by_batch(const Node& node, const at::Tensor& x) {
        constexpr double kMomentum = 0.1;
        tensor(node, ".num_batches_tracked").add_(1);
        return at::batch_norm(
            x,
            tensor(node, ".weight"),
            tensor(node, ".bias"),
            tensor(node, ".running_mean"),
            tensor(node, ".running_var"),
            /*training=*/true,
            kMomentum,
            node.attributes.epsilon,
            /*cudnn_enabled=*/true);
    }

    at::Tensor& tensor(const Node& node, const char* suffix) {
        return weights_.find(node.name + suffix)->second;
    }

    const Graph& graph_;
    TensorMap& weights_;
    const ExecuteMode& mode_;
    const GivenValues& given_;
    std::vector<at::Tensor> values_;  // by node; released after the last use
    std::vector<int> uses_;           // by node; reads still to come, 0 where not needed
};

}  // namespace

std::vector<int> uses_of(
    const Graph& graph, const std::set<NodeId>& given, const std::vector<NodeId>& outputs) {
    std::vector<int> uses(graph.nodes().size());
    for (const NodeId output : outputs) ++uses[output];
    for (NodeId id = uses.size(); id-- > 0;)
        if (uses[id] > 0 && !given.contains(id))
            for (const NodeId input : graph[id].inputs) ++uses[input];
    return uses;
}

std::vector<at::Tensor> execute(
    const Graph& graph,
    TensorMap& weights,
    const GivenValues& given,
    at::ScalarType type,
    const std::vector<NodeId>& outputs,
    const ExecuteMode& mode) {
    return Pass(graph, weights, given, outputs, mode).run(type, outputs);
}

at::Tensor execute(
    const Graph& graph, TensorMap& weights, const at::Tensor& input, const ExecuteMode& mode) {
    const at::ScalarType type = input.scalar_type();
    // SqueezeNet's last layer works on planes, in the computing type.
    return execute(graph, weights, {{0, input}}, type, {graph.output()}, mode)[0].to(at::kFloat);
}

}  // namespace georgia
