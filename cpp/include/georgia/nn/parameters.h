#pragma once

#include <ATen/core/Tensor.h>
#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "georgia/nn/graph.h"

namespace georgia {

enum class TensorKind {
    kWeight,  ///< of a convolution or linear layer; the only kind with weight decay
    kBias,
    kNormScale,
    kNormShift,
    kRunningMean,  ///< buffer, not trained
    kRunningVariance,
    kBatchCount
};

/// One tensor a graph needs.
struct TensorSpec {
    std::string name;
    std::string stage;
    TensorKind kind = TensorKind::kWeight;
    std::vector<std::int64_t> shape;
    std::int64_t fan_in = 0;   ///< inputs of one output, for weights and their biases
    std::int64_t fan_out = 0;  ///< outputs one input reaches

    bool is_trained() const {
        return kind <= TensorKind::kNormShift;
    }
};

/// Every tensor of the graph, in torchvision's order.
std::vector<TensorSpec> tensor_specs(const Graph& graph);

/// Number of trained values.
std::int64_t count_parameters(const Graph& graph);

/// Tensors by name.
using TensorMap = std::map<std::string, at::Tensor, std::less<>>;

/// Fresh weights, float32 on the CPU: He's normal distribution over fan-out for convolutions
/// ("Delving deep into rectifiers", ICCV 2015), scale 1 and shift 0 for batch normalisation,
/// uniform within 1 / sqrt(fan-in) for linear layers. Equal seeds give equal weights everywhere.
TensorMap initial_weights(const Graph& graph, std::uint64_t seed);

/// Throws BadInput naming each missing, unexpected or wrongly shaped tensor.
void check_weights(const Graph& graph, const TensorMap& weights, std::string_view subject);

/// Marks the tensors of those stages as trained and all others as frozen; "all" names every stage.
/// Returns the stages meant.
std::set<std::string> set_trainable(
    const Graph& graph, TensorMap& weights, const std::vector<std::string>& stages);

}  // namespace georgia
