#pragma once

#include <ATen/core/Tensor.h>

namespace georgia {

/// Means (D) float32 of points (N, D) float32, summed in float64.
at::Tensor mean_of(const at::Tensor& points);

/// Squared lengths (N) of points (N, D).
at::Tensor squared_lengths_of(const at::Tensor& points);

/// Squared distances (n, N) of points whose squared lengths are known, by products; none below 0.
at::Tensor squared_distances(
    const at::Tensor& queries, const at::Tensor& points, const at::Tensor& squared_lengths);

}  // namespace georgia
