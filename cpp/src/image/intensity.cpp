#include "georgia/image/intensity.h"

#include <cmath>
#include <cstddef>
#include <cstdint>

namespace georgia {

Intensities intensities_of(const Image& gray) {
    std::array<std::int64_t, 256> counts{};
    for (const std::uint8_t level : gray.pixels) ++counts[level];
    const auto all = static_cast<double>(gray.pixels.size());
    Intensities found;
    for (std::size_t level = 0; level < counts.size(); ++level) {
        if (counts[level] == 0) continue;
        const double share = static_cast<double>(counts[level]) / all;
        found.shares[level / 4] += static_cast<float>(share);
        found.entropy -= share * std::log2(share);
    }
    return found;
}

}  // namespace georgia
