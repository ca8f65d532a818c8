#pragma once

#include "georgia/image/image.h"

namespace georgia {

/// True for RGB whose three channels are equal in every pixel: gray that was stored as colour.
bool is_gray_in_colour(const Image& image);

/// The first channel alone.
Image first_channel(const Image& image);

}  // namespace georgia
