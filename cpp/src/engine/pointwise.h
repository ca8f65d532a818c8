#pragma once

#include <ATen/core/Tensor.h>
#include <optional>
#include <string_view>

#include "georgia/nn/graph.h"

namespace georgia {

/// Where a convolution stands: stride, groups and the zeros around its input.
struct Placement {
    Extent padding = 0;
    std::int64_t stride = 1;
    std::int64_t groups = 1;
};

/// oneDNN's layers with what follows them, reached by name through torch's dispatcher, because no
/// header declares them. An activation is "none", "relu" or "gelu".
namespace pointwise {

/// True where this torch has them all with the arguments we know, and they work in that type.
bool is_there(at::ScalarType type);

/// Weights laid out for an input of that shape.
at::Tensor packed_convolution_weight(
    const at::Tensor& weight, const Placement& placement, at::IntArrayRef input);
at::Tensor packed_linear_weight(const at::Tensor& weight, std::int64_t rows);

at::Tensor convolution(
    const at::Tensor& x,
    const at::Tensor& weight,
    const std::optional<at::Tensor>& bias,
    const Placement& placement,
    std::string_view activation);

/// activation(convolution + other), new or in the place of `other`. Not "gelu".
at::Tensor convolution_and_sum(
    const at::Tensor& x,
    at::Tensor other,
    const at::Tensor& weight,
    const std::optional<at::Tensor>& bias,
    const Placement& placement,
    std::string_view activation,
    bool in_place);

at::Tensor linear(
    const at::Tensor& x,
    const at::Tensor& weight,
    const std::optional<at::Tensor>& bias,
    std::string_view activation);

}  // namespace pointwise

}  // namespace georgia
