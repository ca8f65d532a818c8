#pragma once

#include <ATen/core/Tensor.h>

namespace georgia {

/// Distances (n, k) float32, rising, and indices (n, k) int64 of the k nearest points.
struct Nearest {
    at::Tensor distances;
    at::Tensor indices;
};

/// The k nearest of points (N, D) to each query (n, D), both float32 and on one device: Euclidean,
/// exact, by matrix products over blocks, so that memory does not grow with N times n. k is at most
/// N. A distance of nearly nothing is as exact as float32 leaves it: about a thousandth of the
/// vectors' length.
Nearest nearest(const at::Tensor& queries, const at::Tensor& points, std::int64_t k);

/// Rows (N, D) of length 1; those that are nothing stay so.
at::Tensor of_length_one(const at::Tensor& rows);

}  // namespace georgia
