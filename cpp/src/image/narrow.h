#pragma once

#include <algorithm>
#include <cstdint>

#include "georgia/image/decode.h"

namespace georgia {

/// A sample of any depth to eight bits: low and below become 0, high and above 255.
inline std::uint8_t narrowed(std::int64_t value, const DepthRange& depth) {
    const auto span = static_cast<std::uint64_t>(depth.high - depth.low);
    const auto above =
        static_cast<std::uint64_t>(std::clamp(value, depth.low, depth.high) - depth.low);
    return static_cast<std::uint8_t>((above * 255 + span / 2) / span);
}

}  // namespace georgia
