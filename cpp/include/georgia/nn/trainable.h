#pragma once

#include <set>
#include <string>
#include <vector>

#include "georgia/nn/graph.h"
#include "georgia/nn/parameters.h"

namespace georgia {

/// The stages meant by a list of names: "all" names every stage, "last:F" the head and those
/// stages of which at least half lies in the last share F of the trunk's layers.
std::set<std::string> stages_named(const Graph& graph, const std::vector<std::string>& names);

/// Marks the tensors of those stages as trained and all others as frozen, and those of the second
/// classifier unless it is wanted.
void set_trainable(
    const Graph& graph,
    TensorMap& weights,
    const std::set<std::string>& stages,
    bool with_auxiliary = false);

/// What training a part of a network takes, the second classifier aside.
struct TrainingCost {
    std::vector<std::string> stages;  ///< that are trained, in the network's order
    std::int64_t trained = 0;         ///< values
    std::int64_t frozen = 0;          ///< values
    std::int64_t multiply_adds = 0;   ///< of one image, forward and backward; an estimate
};

/// Forward through every layer; backward to the inputs of layers behind a trained one, and to the
/// weights of those that are trained.
TrainingCost training_cost(
    const Graph& graph, Extent input, const std::set<std::string>& trained_stages);

}  // namespace georgia
