#include "georgia/engine/inference.h"

#include <ATen/ATen.h>
#include <c10/core/GradMode.h>
#include <utility>

#include "georgia/nn/execute.h"

namespace georgia {

Inference::Inference(Graph graph, const TensorMap& weights, const Compute& compute)
    : graph_(std::move(graph)), compute_(compute) {
    for (const auto& [name, tensor] : weights) {
        // Convolutions alone have four axes; everything else computes in float32.
        const at::ScalarType type = tensor.dim() == 4 ? compute.type() : tensor.scalar_type();
        weights_[name] = tensor.detach().to(compute.device, type);
    }
}

at::Tensor Inference::logits(const at::Tensor& input) {
    const c10::AutoGradMode no_gradients(false);
    return execute(graph_, weights_, input);
}

}  // namespace georgia
