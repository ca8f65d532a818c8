#pragma once

#include <optional>
#include <set>
#include <vector>

#include "georgia/nn/graph.h"

namespace georgia {

/// Nodes that one kernel computes: a convolution or a linear layer with what stands around it, or
/// one node of another kind alone.
struct FusedNodes {
    NodeId layer = 0;
    NodeId input = 0;                  ///< what a convolution or linear layer reads
    std::optional<NodeId> padding;     ///< zeros around the input
    std::vector<NodeId> scales;        ///< that act on each channel alike, and go into the weights
    std::optional<NodeId> sum;         ///< that adds another value to it
    std::optional<NodeId> added;       ///< that value
    std::optional<NodeId> activation;  ///< ReLU, or GELU of a linear layer
    NodeId result = 0;                 ///< the last of these nodes, whose value it gives

    /// All of them, in order.
    std::vector<NodeId> nodes() const;
};

/// True where a layer takes its neighbours into its kernel.
bool fuses(Operation operation);

/// Cuts the part of a network between the given nodes and the outputs into kernels, in an order in
/// which they can be computed. No value that is given, put out or read twice disappears in one.
std::vector<FusedNodes> fuse(
    const Graph& graph, const std::set<NodeId>& given, const std::vector<NodeId>& outputs);

}  // namespace georgia
