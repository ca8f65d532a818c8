#pragma once

#include <cstdint>
#include <vector>

#include "georgia/image/geometry.h"

#include "image/processor_builds.h"

namespace georgia {

/// What is to be warped, from where, and what lies around it.
struct BilinearWarp {
    const Image& source;          ///< of two rows and columns at least
    const Homography& to_source;  ///< affine: takes a pixel of the target to one of the source
    FrameSize frame;              ///< of the target
    Border border = Border::kNearest;
    int fill = 0;  ///< of a constant border
};

/// Fills target, (height, width, source.channels) uint8, each pixel blended from its four
/// neighbours in the source.
using WarpBuild = Build<void(const BilinearWarp& warp, std::uint8_t* target)>;

std::vector<WarpBuild> warp_builds();

}  // namespace georgia
