#pragma once

#include <string>
#include <vector>

#include "georgia/nn/graph.h"
#include "georgia/nn/network_spec.h"

namespace georgia {

/// Names of the networks there are, as torchvision's functions are called.
std::vector<std::string> network_names();

/// Variants of a network: torchvision, and keras for ResNets.
std::vector<std::string> network_variants(const std::string& name);

/// Height and width that a network was designed for, in pixels.
std::int64_t native_size(const std::string& name);

/// The graph of a network; unknown names, variants and heads are refused with the list of known.
Graph build_network(const NetworkSpec& spec);

}  // namespace georgia
