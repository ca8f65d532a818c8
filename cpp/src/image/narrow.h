#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "georgia/image/decode.h"

namespace georgia {

/// A sample of any depth to eight bits: low and below become 0, high and above 255.
inline std::uint8_t narrowed(std::int64_t value, const DepthRange& depth) {
    const auto span = static_cast<std::uint64_t>(depth.high - depth.low);
    const auto above =
        static_cast<std::uint64_t>(std::clamp(value, depth.low, depth.high) - depth.low);
    return static_cast<std::uint8_t>((above * 255 + span / 2) / span);
}

/// The stored value of every value that a sample of so many bits can have. Only 16-bit samples are
/// read by a range; the others fill their own.
inline std::vector<std::uint8_t> levels_of(std::uint32_t bits, const DepthRange& depth) {
    const std::uint32_t most = (1u << bits) - 1;
    const DepthRange range = bits == 16 ? depth : DepthRange{0, most};
    std::vector<std::uint8_t> levels;
    levels.reserve(most + 1);
    for (std::uint32_t value = 0; value <= most; ++value) levels.push_back(narrowed(value, range));
    return levels;
}

/// A sample of a row, of 1, 2, 4 or 8 bits, the first in the highest bits of a byte.
inline std::uint32_t packed_sample(const std::uint8_t* row, std::size_t index, std::uint32_t bits) {
    const std::size_t bit = index * bits;
    return row[bit / 8] >> (8 - bits - bit % 8) & ((1u << bits) - 1);
}

}  // namespace georgia
