#pragma once

#include <ATen/core/Tensor.h>
#include <map>
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

/// What nodes give, by node: an image (N, C, H, W), normalised, for node 0, or what is known of
/// later ones. They are left as they are.
using GivenValues = std::map<NodeId, at::Tensor>;

/// How often each node's value is read, as one of `outputs` too; 0 where nobody needs it, as of
/// what is before the given nodes.
std::vector<int> uses_of(
    const Graph& graph, const std::set<NodeId>& given, const std::vector<NodeId>& outputs);

/// What the nodes in `outputs` give. Nodes that none of them needs are not computed, nor what is
/// before a given one.
///
/// Everything that works on planes is computed in `type`, float32 or bfloat16: weights are cast to
/// it, batch normalisation keeps float32 parameters. Linear layers of rows, the logits among them,
/// are float32. Gradients, where weights require them, arrive in float32.
std::vector<at::Tensor> execute(
    const Graph& graph,
    TensorMap& weights,
    const GivenValues& given,
    at::ScalarType type,
    const std::vector<NodeId>& outputs,
    const ExecuteMode& mode = {});

/// The network's logits, (N, K) float32, of an image in the type to compute in.
at::Tensor execute(
    const Graph& graph, TensorMap& weights, const at::Tensor& input, const ExecuteMode& mode = {});

}  // namespace georgia
