#pragma once

#include "georgia/nn/graph.h"
#include "georgia/nn/network_spec.h"

namespace georgia {

/// Puts a head of the user's choice on the trunk's output.
void append_head(Graph& graph, NodeId trunk, const NetworkSpec& spec);

}  // namespace georgia
