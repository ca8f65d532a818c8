#pragma once

#include <ATen/core/Tensor.h>
#include <set>
#include <string>
#include <vector>

#include "georgia/nn/graph.h"
#include "georgia/nn/parameters.h"

namespace georgia {

/// Decides what dropout drops: equal keys drop the same on every machine of one kind.
struct DropKey {
    std::uint64_t seed = 0;
    std::uint32_t epoch = 0;
    std::uint32_t step = 0;
};

/// How layers behave that act differently in training, by stage.
struct ExecuteMode {
    /// Stages whose batch normalisation uses the batch's statistics and updates the running ones.
    std::set<std::string> normalise_by_batch;
    /// Stages whose dropout and stochastic depth drop.
    std::set<std::string> drop;
    DropKey key;
};

/// What the nodes in `outputs` give for an input (N, C, H, W) float32 or bfloat16 (normalised).
/// Nodes that none of them needs are not computed.
///
/// The input's type is the computing type of everything that works on planes: weights are cast to
/// it, batch normalisation keeps float32 parameters. Linear layers of rows, the logits among them,
/// are float32. Gradients, where weights require them, arrive in float32.
std::vector<at::Tensor> execute(
    const Graph& graph,
    TensorMap& weights,
    const at::Tensor& input,
    const std::vector<NodeId>& outputs,
    const ExecuteMode& mode = {});

/// The network's logits, (N, K) float32.
at::Tensor execute(
    const Graph& graph, TensorMap& weights, const at::Tensor& input, const ExecuteMode& mode = {});

}  // namespace georgia
