#include "georgia/nn/execute.h"

#include <ATen/ATen.h>
#include <optional>

#include "georgia/base/error.h"

#include "nn/drop.h"

namespace georgia {
namespace {

/// Acts on the channels of planes as if they were rows, one for each pixel.
template <class Function>
at::Tensor at_each_pixel(const at::Tensor& x, Function function) {
    if (x.dim() == 2) return function(x);
    return function(x.permute({0, 2, 3, 1})).permute({0, 3, 1, 2});
}

/// One pass through a graph.
class Pass {
  public:
    Pass(
        const Graph& graph,
        TensorMap& weights,
        const std::vector<NodeId>& outputs,
        const ExecuteMode& mode)
        : graph_(graph),
          weights_(weights),
          outputs_(outputs),
          mode_(mode),
          values_(graph.nodes().size()),
          uses_(values_.size()) {
        for (const NodeId output : outputs) ++uses_[output];
        for (NodeId id = values_.size(); id-- > 0;)
            if (uses_[id] > 0)
                for (const NodeId input : graph[id].inputs) ++uses_[input];
    }

    std::vector<at::Tensor> run(const at::Tensor& input) {
        type_ = input.scalar_type();
        values_[0] = input;
        for (NodeId id = 1; id < values_.size(); ++id) {
            if (uses_[id] == 0) continue;
            values_[id] = compute(id);
            for (const NodeId used : graph_[id].inputs)
                if (--uses_[used] == 0) values_[used].reset();
        }
        std::vector<at::Tensor> results;
        for (const NodeId output : outputs_) results.push_back(values_[output]);
        return results;
    }

  private:
    at::Tensor compute(NodeId id) {
        const Node& node = graph_[id];
        const Attributes& a = node.attributes;
        if (node.operation == Operation::kParameter)
            return weights_.find(node.name)->second.to(type_);
        at::Tensor& x = values_[node.inputs[0]];
        const bool may_overwrite = is_free(node.inputs[0]);
        const auto pair = [](const Extent& e) { return std::array{e.height, e.width}; };
        switch (node.operation) {
            case Operation::kZeroPad:
                return at::constant_pad_nd(
                    x, {a.padding.width, a.padding.width, a.padding.height, a.padding.height});
            case Operation::kConvolution:
                return at::conv2d(
                    x, weight(node, x), bias(node, x), a.stride, pair(a.padding), 1, a.groups);
            case Operation::kBatchNorm:
                return batch_norm(node, x);
            case Operation::kLayerNorm:
                return layer_norm(node, x);
            case Operation::kRelu:
                return may_overwrite ? at::relu_(x) : at::relu(x);
            case Operation::kGelu:
                return at::gelu(x);
            case Operation::kMaxPool:
                return at::max_pool2d(x, pair(a.kernel), a.stride, pair(a.padding), 1, a.ceil_mode);
            case Operation::kAveragePool:
                return at::avg_pool2d(x, pair(a.kernel), a.stride, pair(a.padding));
            case Operation::kAdaptiveAveragePool:
                return at::adaptive_avg_pool2d(x, pair(a.size));
            case Operation::kGlobalAveragePool:
                return at::adaptive_avg_pool2d(x, {1, 1}).flatten(1);
            case Operation::kGlobalMaxPool:
                return x.amax({2, 3});
            case Operation::kFlatten:
                return x.contiguous().flatten(1);  // channels first, as weights expect it
            case Operation::kLinear:
                return linear(node, x);
            case Operation::kMultiply:
                return x * values_[node.inputs[1]];
            case Operation::kAdd:
                return may_overwrite ? x.add_(values_[node.inputs[1]])
                                     : x + values_[node.inputs[1]];
            case Operation::kConcatenate: {
                std::vector<at::Tensor> parts;
                for (const NodeId input : node.inputs) parts.push_back(values_[input]);
                return at::cat(parts, 1);
            }
            case Operation::kDropout:
                return drops(node) ? dropped_values(x, a.rate, mode_.key, id) : x;
            case Operation::kStochasticDepth:
                return drops(node) ? dropped_images(x, a.rate, mode_.key, id) : x;
            case Operation::kPrependZero:
                return at::constant_pad_nd(x, {1, 0});
            case Operation::kInput:
            case Operation::kParameter:
                break;
        }
        throw InternalError("execute", node.name, "a second input node");
    }

    /// True where nobody reads the value again: no later node, and not the gradient of the
    /// operation that made it.
    bool is_free(NodeId id) const {
        const Operation made_by = graph_[id].operation;
        return uses_[id] == 1 && (made_by == Operation::kBatchNorm || made_by == Operation::kAdd ||
                                  made_by == Operation::kConvolution);
    }

    bool drops(const Node& node) const {
        return mode_.drop.contains(node.stage);
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

    at::Tensor layer_norm(const Node& node, const at::Tensor& x) {
        return at_each_pixel(x, [&](const at::Tensor& rows) {
            return at::layer_norm(
                rows,
                {node.channels},
                weight(node, x),
                tensor(node, ".bias").to(x.scalar_type()),
                node.attributes.epsilon);
        });
    }

    at::Tensor linear(const Node& node, const at::Tensor& x) {
        const at::Tensor wide = x.dim() == 2 ? x.to(at::kFloat) : x;
        return at_each_pixel(wide, [&](const at::Tensor& rows) {
            return at::linear(rows, weight(node, wide), bias(node, wide));
        });
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
    const std::vector<NodeId>& outputs_;
    const ExecuteMode& mode_;
    at::ScalarType type_ = at::kFloat;  // that planes are computed in
    std::vector<at::Tensor> values_;    // by node; released after the last use
    std::vector<int> uses_;             // by node; reads still to come, 0 where not needed
};

}  // namespace

std::vector<at::Tensor> execute(
    const Graph& graph,
    TensorMap& weights,
    const at::Tensor& input,
    const std::vector<NodeId>& outputs,
    const ExecuteMode& mode) {
    return Pass(graph, weights, outputs, mode).run(input);
}

at::Tensor execute(
    const Graph& graph, TensorMap& weights, const at::Tensor& input, const ExecuteMode& mode) {
    // SqueezeNet's last layer works on planes, in the computing type.
    return execute(graph, weights, input, {graph.output()}, mode)[0].to(at::kFloat);
}

}  // namespace georgia
