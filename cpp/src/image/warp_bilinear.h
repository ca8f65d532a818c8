#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "georgia/image/geometry.h"

namespace georgia {

/// What is to be warped, from where, and what lies around it.
struct BilinearWarp {
    const Image& source;          ///< of two rows and columns at least
    const Homography& to_source;  ///< affine: takes a pixel of the target to one of the source
    FrameSize frame;              ///< of the target
    Border border = Border::kNearest;
    int fill = 0;  ///< of a constant border
};

/// One build of the warp: fills target, (height, width, source.channels) uint8, each pixel blended
/// from its four neighbours in the source. All builds give the same bytes.
struct WarpBuild {
    std::string_view name;
    void (*run)(const BilinearWarp& warp, std::uint8_t* target);
};

/// The builds that this processor can run, the fastest first.
std::vector<WarpBuild> warp_builds();

}  // namespace georgia
