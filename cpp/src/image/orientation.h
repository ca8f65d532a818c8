#pragma once

#include "georgia/image/image.h"

namespace georgia {

/// The eight turnings and mirrorings of an image, numbered as bits: 1 mirrors left and right, 2 top
/// and bottom, 4 swaps rows with columns after that.
constexpr int kTurns = 8;

/// The image after one of them.
Image turned(const Image& image, int turn);

/// The turn that sets an image upright, for an EXIF orientation of 1 to 8.
int turn_of_exif(int orientation);

}  // namespace georgia
