#pragma once

#include <cstdint>
#include <vector>

#include "georgia/base/parallel.h"
#include "georgia/data/sample.h"
#include "georgia/image/intensity.h"

namespace georgia {

/// What a page shows of an image.
struct Portrait {
    std::vector<std::uint8_t> jpeg;  ///< small and whole; empty where it cannot be read
    Intensities intensities;         ///< of all its pixels
};

/// Small JPEG files of images in their own proportions, the longer side of so many pixels, and how
/// bright their pixels are; transparent ones on white.
std::vector<Portrait> portraits(
    const std::vector<Sample>& samples, const Reading& reading, int side, const Parallel& how);

}  // namespace georgia
