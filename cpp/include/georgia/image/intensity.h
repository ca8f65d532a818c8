#pragma once

#include <array>

#include "georgia/image/image.h"

namespace georgia {

/// How bright an image's pixels are, wherever they lie: turned and mirrored copies have the same.
struct Intensities {
    std::array<float, 64> shares{};  ///< of the pixels, by four levels of gray each; they sum to 1
    double entropy = 0;              ///< in bits, of the 256 levels (C. Shannon, 1948)
};

/// Of a gray image.
Intensities intensities_of(const Image& gray);

}  // namespace georgia
