#include "georgia/engine/inference.h"

#include <ATen/ATen.h>
#include <c10/core/GradMode.h>
#include <utility>

#include "georgia/base/threads.h"
#include "georgia/nn/execute.h"

namespace georgia {
namespace {

/// True where execute would cast a node's weights to the computing type at every call.
bool computes_in_input_type(const Node& node) {
    const bool is_mixed = node.operation == Operation::kBatchNorm;
    return !is_mixed && (!node.has_rows || node.operation == Operation::kLayerNorm);
}

}  // namespace

Inference::Inference(Graph graph, const TensorMap& weights, const Compute& compute)
    : graph_(std::move(graph)), compute_(compute) {
    require_compute_threads("predict");
    for (const auto& [name, tensor] : weights) weights_[name] = tensor.detach().to(compute.device);
    for (const Node& node : graph_.nodes()) {
        if (!computes_in_input_type(node)) continue;
        for (const char* suffix : {"", ".weight", ".bias"})
            if (const auto found = weights_.find(node.name + suffix); found != weights_.end())
                found->second = found->second.to(compute.type());
    }
}

at::Tensor Inference::logits(const at::Tensor& input) {
    require_compute_threads("predict");
    const c10::AutoGradMode no_gradients(false);
    return execute(graph_, weights_, input);
}

at::Tensor Inference::features(const at::Tensor& input, NodeId node) {
    require_compute_threads("predict");
    const c10::AutoGradMode no_gradients(false);
    const at::Tensor values = execute(graph_, weights_, input, {node})[0].to(at::kFloat);
    return values.dim() == 2 ? values : values.mean({2, 3});
}

}  // namespace georgia
