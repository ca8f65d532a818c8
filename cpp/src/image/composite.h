#pragma once

#include "georgia/image/image.h"

namespace georgia {

/// RGBA over a gray of that level: c' = (c * a + level * (255 - a)) / 255, rounded.
Image composite(const Image& image, int level);

/// Inks as Photoshop stores them in JPEG, 255 for none, which other programs assume too when no
/// marker says so: r = c * k / 255, rounded. Four channels to three.
Image rgb_of_inks(const Image& inks);

}  // namespace georgia
