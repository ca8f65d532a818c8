#pragma once

#include <ATen/core/Tensor.h>

namespace georgia {

/// Distances (n, k) float32, rising, and indices (n, k) int64 of the k nearest points.
struct Nearest {
    at::Tensor distances;
    at::Tensor indices;
};

/// The k nearest of points (N, D) to each query (n, D), both float32 and on one device: Euclidean.
/// Matrix products over blocks find a few more than k, whose distances are then taken from
/// differences in float64, so that neither memory grows with N times n nor a small distance is lost
/// to rounding. Exact, unless more points than those lie as far as the k-th to within a millionth
/// of the points' squared spread. k is at most N.
Nearest nearest(const at::Tensor& queries, const at::Tensor& points, std::int64_t k);

/// The k nearest other points of each of points (N, D) float32; k is below N.
Nearest nearest_others(const at::Tensor& points, std::int64_t k);

/// Rows (N, D) of length 1; those that are nothing stay so.
at::Tensor of_length_one(const at::Tensor& rows);

}  // namespace georgia
