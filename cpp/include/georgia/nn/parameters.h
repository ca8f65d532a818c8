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
    kLayerScale,   ///< of a residual branch
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
    std::int64_t fan_in = 0;    ///< inputs of one output, for weights and their biases
    std::int64_t fan_out = 0;   ///< outputs one input reaches
    bool is_auxiliary = false;  ///< of the second classifier
    NodeId node = 0;

    bool is_trained() const {
        return kind <= TensorKind::kLayerScale;
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
/// uniform within 1 / sqrt(fan-in) for linear layers, 1e-6 for layer scales. Equal seeds give
/// equal weights everywhere.
TensorMap initial_weights(const Graph& graph, std::uint64_t seed);

/// Adds those of initial_weights whose names are not there yet.
void draw_missing_weights(const Graph& graph, std::uint64_t seed, TensorMap& weights);

/// Weights of zero, of the right shapes and types.
TensorMap zero_weights(const Graph& graph);

/// "[64, 3, 7, 7]"
std::string shape_text(at::IntArrayRef shape);

/// Throws BadInput naming each missing, unexpected or wrongly shaped tensor.
void check_weights(const Graph& graph, const TensorMap& weights, std::string_view subject);

}  // namespace georgia
