#pragma once

#include <ATen/core/Tensor.h>
#include <span>

#include "georgia/image/photometric.h"

namespace georgia {

/// What `adjust` does to bytes, done to frames (N, C, H, W) float32 in levels on any device. Noise
/// is torch's, of each image's own seed.
at::Tensor adjusted(at::Tensor frames, std::span<const Photometric> drawn);

}  // namespace georgia
