#pragma once

#include <ATen/core/Tensor.h>
#include <set>
#include <string>

#include "georgia/nn/graph.h"
#include "georgia/nn/parameters.h"

namespace georgia {

/// How batch normalisation behaves, by stage.
struct ExecuteMode {
    /// Stages whose batch normalisation uses the batch's statistics and updates the running ones.
    std::set<std::string> normalise_by_batch;
};

/// The network's logits, (N, K) float32, from input (N, C, H, W) float32 or bfloat16 (normalised).
///
/// The input's type is the computing type: weights are cast to it, batch normalisation keeps
/// float32 parameters, and the last layer runs in float32. Gradients, where weights require
/// them, arrive in float32.
at::Tensor execute(
    const Graph& graph, TensorMap& weights, const at::Tensor& input, const ExecuteMode& mode = {});

}  // namespace georgia
