#pragma once

#include "georgia/image/image.h"

namespace georgia {

/// RGBA over a gray of that level: c' = (c * a + level * (255 - a)) / 255, rounded.
Image composite(const Image& image, int level);

}  // namespace georgia
