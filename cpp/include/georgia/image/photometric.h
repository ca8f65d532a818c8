#pragma once

#include <cstdint>

#include "georgia/image/geometry.h"

namespace georgia {

/// What training changes in an image's values; as it stands, nothing.
struct Photometric {
    double brightness = 0;  ///< added, share of full scale
    double contrast = 1;    ///< factor about the mean of the image's gray (as Pillow, torchvision)
    double gamma = 1;       ///< exponent of values in 0 to 1
    double blur = 0;        ///< sigma of a Gaussian, pixels
    double noise = 0;       ///< standard deviation, share of full scale
    std::uint64_t noise_seed = 0;
    double erased_height = 0;  ///< sides of a rectangle, share of the frame's; 0 is none
    double erased_width = 0;
    double erased_x = 0;  ///< where it lies: 0 left, 1 right
    double erased_y = 0;  ///< 0 top, 1 bottom

    bool operator==(const Photometric&) const = default;
};

/// Note [Values after places]: brightness, contrast and gamma are one table and round once; blur
/// comes before noise, which a sensor adds behind the lens; erasing is last, and its rectangle gets
/// the mean colour that the image has by then. Alpha is never changed or erased. What is not drawn
/// costs nothing.

/// Changes pixels, (frame.height, frame.width, channels) uint8, in place.
void adjust(const Photometric& drawn, FrameSize frame, int channels, std::uint8_t* pixels);

}  // namespace georgia
