#pragma once

#include <cstdint>

#include "georgia/nn/parameters.h"

namespace georgia {

/// Moves an exponential average of weights and running statistics one step on; empty at first, when
/// it becomes the weights. Early steps count more: the decay is at most (1 + step) / (10 + step).
/// Counts of batches are copied.
void update_average(TensorMap& average, const TensorMap& weights, double decay, std::int64_t step);

}  // namespace georgia
