#pragma once

#include <ATen/core/Tensor.h>
#include <span>

#include "georgia/base/random.h"
#include "georgia/image/photometric.h"

namespace georgia {

/// What `adjust` does to bytes, done to frames (N, C, H, W) float32 in levels on any device. The
/// noise is of torch's generator, seeded by the key.
at::Tensor adjusted(at::Tensor frames, std::span<const Photometric> drawn, const RandomKey& key);

}  // namespace georgia
