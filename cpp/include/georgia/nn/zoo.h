#pragma once

#include <string>
#include <vector>

#include "georgia/nn/graph.h"

namespace georgia {

/// Names of the networks there are, as torchvision's functions are called.
std::vector<std::string> network_names();

/// The graph of a network; unknown names, variants and heads are refused with the list of known.
Graph build_network(const NetworkSpec& spec);

}  // namespace georgia
