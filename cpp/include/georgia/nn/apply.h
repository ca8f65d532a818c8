#pragma once

#include <ATen/core/Tensor.h>
#include <span>

#include "georgia/nn/graph.h"
#include "georgia/nn/parameters.h"

namespace georgia {

/// How a node is computed.
struct ApplyMode {
    at::ScalarType type = at::kFloat;  ///< of everything that works on planes
    bool may_overwrite = false;        ///< the first input, which nobody reads again
};

/// What a node gives for its inputs; normalisation by running statistics, nothing dropped.
at::Tensor apply(
    const Node& node,
    std::span<const at::Tensor> inputs,
    const TensorMap& weights,
    const ApplyMode& mode);

/// Acts on the channels of planes as if they were rows, one for each pixel; rows stay rows.
template <class Function>
at::Tensor at_each_pixel(const at::Tensor& x, Function function) {
    if (x.dim() == 2) return function(x);
    return function(x.permute({0, 2, 3, 1})).permute({0, 3, 1, 2});
}

}  // namespace georgia
