#include "georgia/image/augment.h"

namespace georgia {

Distortion draw_distortion(const AugmentOptions& options, RandomStream& random) {
    const auto around_zero = [&](double range) { return random.uniform(-range, range); };
    Distortion d;
    d.rotation = around_zero(options.rotation);
    d.shift_x = around_zero(options.shift);
    d.shift_y = around_zero(options.shift);
    d.zoom_x = 1 + around_zero(options.zoom);
    d.zoom_y = 1 + around_zero(options.zoom);
    if (!options.zoom_per_axis) d.zoom_y = d.zoom_x;
    d.shear = around_zero(options.shear);
    d.flip_x = random.chance(0.5) && options.flip_horizontal;
    d.flip_y = random.chance(0.5) && options.flip_vertical;
    return d;
}

}  // namespace georgia
