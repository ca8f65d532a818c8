#pragma once

#include <ATen/core/Tensor.h>
#include <vector>

#include "georgia/data/loader.h"

namespace georgia {

/// The batch as network input: (x / 255 - mean) / deviation, (N, C, H, W) of that type, channels
/// last in memory, on that device.
at::Tensor normalised(
    const BatchView& batch, const Preprocess& preprocess, at::ScalarType type, at::Device device);

/// The tensor, or a copy on a GPU for which nobody waits.
at::Tensor on_device(const at::Tensor& tensor, at::Device device);

/// Classes of the batch's samples: (N) int64 on that device.
at::Tensor labels_of(const BatchView& batch, const std::vector<Sample>& samples, at::Device device);

}  // namespace georgia
