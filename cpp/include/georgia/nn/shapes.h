#pragma once

#include <vector>

#include "georgia/nn/graph.h"

namespace georgia {

/// What a node gives for one image.
struct Shape {
    std::int64_t channels = 0;
    std::int64_t height = 1;
    std::int64_t width = 1;
    bool is_rows = false;  ///< (channels) instead of (channels, height, width)

    /// (C, H, W) or (D).
    std::vector<std::int64_t> sizes() const;
};

/// The shape of every node's output, by node, for an input of that size. An input too small for
/// the network is refused with the smallest that is not; auxiliary nodes may come out empty.
std::vector<Shape> infer_shapes(const Graph& graph, Extent input);

/// True where the second classifier can be computed at that size.
bool auxiliary_fits(const Graph& graph, Extent input);

/// Multiplications, each with an addition, that convolutions and linear layers do for one image;
/// by node.
std::vector<std::int64_t> multiply_adds(const Graph& graph, Extent input);

}  // namespace georgia
