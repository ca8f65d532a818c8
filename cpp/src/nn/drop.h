#pragma once

#include <ATen/core/Tensor.h>

#include "georgia/nn/execute.h"

namespace georgia {

/// Dropout ("Dropout: a simple way to prevent neural networks from overfitting", JMLR 2014): each
/// value is kept with probability 1 - rate and then divided by it. Masks follow from key and node,
/// so that nothing has to be remembered for resuming.
at::Tensor dropped_values(const at::Tensor& x, double rate, const DropKey& key, NodeId node);

/// Stochastic depth ("Deep networks with stochastic depth", ECCV 2016): the same for whole images.
at::Tensor dropped_images(const at::Tensor& x, double rate, const DropKey& key, NodeId node);

}  // namespace georgia
