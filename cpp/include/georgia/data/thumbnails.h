#pragma once

#include <cstdint>
#include <vector>

#include "georgia/base/parallel.h"
#include "georgia/data/sample.h"

namespace georgia {

/// Small JPEG files of images, whole and in their own proportions, the longer side of so many
/// pixels; transparent ones on white. Empty where an image cannot be read.
std::vector<std::vector<std::uint8_t>> thumbnails(
    const std::vector<Sample>& samples, const Reading& reading, int side, const Parallel& how);

}  // namespace georgia
