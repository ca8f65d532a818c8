#include "georgia/nn/execute.h"

#include <ATen/ATen.h>
#include <optional>
#include <vector>

#include "georgia/base/error.h"

namespace georgia {
namespace {

/// One pass through a graph.
class Pass {
  public:
    Pass(const Graph& graph, TensorMap& weights, const ExecuteMode& mode)
        : graph_(graph),
          weights_(weights),
          mode_(mode),
          values_(graph.nodes().size()),
          uses_(values_.size()) {
        for (const Node& node : graph.nodes())
            for (const NodeId input : node.inputs) ++uses_[input];
    }

    at::Tensor run(const at::Tensor& input) {
        values_[0] = input;
        for (NodeId id = 1; id < values_.size(); ++id) {
            values_[id] = compute(graph_.nodes()[id]);
            for (const NodeId used : graph_.nodes()[id].inputs)
                if (--uses_[used] == 0) values_[used].reset();
        }
        return values_.back();
    }

  private:
    at::Tensor compute(const Node& node) {
        const at::Tensor& x = values_[node.inputs[0]];
        const Attributes& a = node.attributes;
        switch (node.operation) {
            case Operation::kConvolution:
                return at::conv2d(
                    x,
                    weight(node, x),
                    bias(node, x),
                    {a.stride, a.stride},
                    {a.padding, a.padding});
            case Operation::kBatchNorm:
                return batch_norm(node, x);
            case Operation::kRelu:
                return may_overwrite(node.inputs[0]) ? at::relu_(values_[node.inputs[0]])
                                                     : at::relu(x);
            case Operation::kMaxPool:
                return at::max_pool2d(
                    x, {a.kernel, a.kernel}, {a.stride, a.stride}, {a.padding, a.padding});
            case Operation::kAveragePool:
                return at::adaptive_avg_pool2d(x, {1, 1}).flatten(1);
            case Operation::kAdd:
                return may_overwrite(node.inputs[0])
                           ? values_[node.inputs[0]].add_(values_[node.inputs[1]])
                           : x + values_[node.inputs[1]];
            case Operation::kLinear: {
                const at::Tensor wide = x.to(at::kFloat);
                return at::linear(wide, weight(node, wide), bias(node, wide));
            }
            case Operation::kInput:
                break;
        }
        throw InternalError("execute", node.name, "a second input node");
    }

    /// True where nobody reads the value again: no later node, and not the gradient of the
    /// operation that made it.
    bool may_overwrite(NodeId id) const {
        const Operation made_by = graph_.nodes()[id].operation;
        return uses_[id] == 1 && (made_by == Operation::kBatchNorm || made_by == Operation::kAdd ||
                                  made_by == Operation::kConvolution);
    }

    at::Tensor batch_norm(const Node& node, const at::Tensor& x) {
        const bool by_batch = mode_.normalise_by_batch.contains(node.stage);
        if (by_batch) tensor(node, ".num_batches_tracked").add_(1);
        constexpr double kMomentum = 0.1;
        return at::batch_norm(
            x,
            tensor(node, ".weight"),
            tensor(node, ".bias"),
            tensor(node, ".running_mean"),
            tensor(node, ".running_var"),
            by_batch,
            kMomentum,
            node.attributes.epsilon,
            /*cudnn_enabled=*/true);
    }

    at::Tensor& tensor(const Node& node, const char* suffix) {
        return weights_.find(node.name + suffix)->second;
    }

    at::Tensor weight(const Node& node, const at::Tensor& x) {
        return tensor(node, ".weight").to(x.scalar_type());
    }

    std::optional<at::Tensor> bias(const Node& node, const at::Tensor& x) {
        if (!node.attributes.bias) return std::nullopt;
        return tensor(node, ".bias").to(x.scalar_type());
    }

    const Graph& graph_;
    TensorMap& weights_;
    const ExecuteMode& mode_;
    std::vector<at::Tensor> values_;  // by node; released after the last use
    std::vector<int> uses_;           // by node; reads still to come
};

}  // namespace

at::Tensor execute(
    const Graph& graph, TensorMap& weights, const at::Tensor& input, const ExecuteMode& mode) {
    return Pass(graph, weights, mode).run(input);
}

}  // namespace georgia
