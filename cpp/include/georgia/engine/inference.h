#pragma once

#include <ATen/core/Tensor.h>

#include "georgia/nn/graph.h"
#include "georgia/nn/parameters.h"
#include "georgia/nn/precision.h"

namespace georgia {

/// A network ready to answer: weights on the device, in the computing type, nothing trained.
class Inference {
  public:
    /// The weights are copied where type or device differ, shared where not.
    Inference(Graph graph, const TensorMap& weights, const Compute& compute);

    /// Logits (N, K) float32 of input (N, C, H, W) in the computing type.
    at::Tensor logits(const at::Tensor& input);

    /// What a node gives, (N, D) float32; planes are averaged.
    at::Tensor features(const at::Tensor& input, NodeId node);

    const Graph& graph() const {
        return graph_;
    }

    const Compute& compute() const {
        return compute_;
    }

  private:
    Graph graph_;
    TensorMap weights_;
    Compute compute_;
};

}  // namespace georgia
