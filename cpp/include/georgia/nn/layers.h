#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "georgia/nn/graph.h"

namespace georgia {

/// What can be said of one node of a network at a given size of input, for summaries and exports.
struct Layer {
    Node node;
    std::vector<std::string> inputs;   ///< names of the nodes it reads
    std::vector<std::int64_t> shape;   ///< of its output, without N
    std::vector<std::string> tensors;  ///< names, in torchvision's order
    std::int64_t parameters = 0;       ///< values that can be trained
    std::int64_t multiply_adds = 0;    ///< for one image
};

/// Every node in the order of computing, the input first.
std::vector<Layer> layers_of(const Graph& graph, Extent input);

}  // namespace georgia
