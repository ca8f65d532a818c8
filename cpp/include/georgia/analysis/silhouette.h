#pragma once

#include <ATen/core/Tensor.h>
#include <cstdint>

#include "georgia/base/progress.h"

namespace georgia {

/// How much nearer each of points (N, D) float32 lies to its own cluster than to the next, -1 to 1,
/// (N) float32 (P. Rousseeuw, "Silhouettes", 1987); 0 where a cluster has one point. Labels (N)
/// int64 lie below `clusters`, of which there are two at least. Takes all N^2 distances, by blocks.
at::Tensor silhouettes(
    const at::Tensor& points, const at::Tensor& labels, std::int64_t clusters, Progress& progress);

}  // namespace georgia
