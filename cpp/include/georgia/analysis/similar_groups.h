#pragma once

#include <ATen/core/Tensor.h>
#include <cstdint>
#include <vector>

#include "georgia/base/progress.h"

namespace georgia {

/// The group of each of points (N, D) float32, named by its first member: points whose angle has at
/// least this cosine are in one group, and so are those that others join. All pairs are measured,
/// by blocks.
std::vector<std::int64_t> similar_groups(
    const at::Tensor& points, double cosine, Progress& progress);

}  // namespace georgia
