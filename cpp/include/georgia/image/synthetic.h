#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "georgia/image/image.h"

namespace georgia {

/// Crystal habits that can be drawn, in the order of their labels.
std::vector<std::string> crystal_classes();

/// A micrograph of crystals of one habit, (size, size, 3) uint8: relief contrast, uneven light, a
/// random focus, dust, bubbles and sensor noise. It follows from seed, label and item alone.
Image draw_crystals(std::int64_t label, int size, std::uint64_t seed, std::uint32_t item);

}  // namespace georgia
