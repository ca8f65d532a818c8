#pragma once

#include <cstdint>
#include <span>

#include "georgia/image/preprocess.h"

namespace georgia {

/// Bytes of whole pixels (n, C) as network input, as many values: scaled to 0 to 1, less the mean,
/// by the deviation, channels in the network's order.
void normalise(
    std::span<const std::uint8_t> bytes, const Preprocess& preprocess, std::span<float> values);

/// The same rounded to bfloat16, as its bits.
void normalise(
    std::span<const std::uint8_t> bytes,
    const Preprocess& preprocess,
    std::span<std::uint16_t> values);

}  // namespace georgia
