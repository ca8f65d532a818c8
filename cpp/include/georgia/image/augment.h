#pragma once

#include <tuple>

#include "georgia/base/random.h"
#include "georgia/image/geometry.h"

namespace georgia {

/// The range of random geometry that training draws from; all zero means none.
struct AugmentOptions {
    double rotation = 10;
    double shift = 0.05;
    double zoom = 0.1;
    bool zoom_per_axis = false;
    double shear = 0;
    bool flip_horizontal = true;
    bool flip_vertical = true;

    static constexpr auto fields() {
        using A = AugmentOptions;
        return std::tuple{
            Field<A, double>{
                "rotation", &A::rotation, "degrees", "drawn from both sides of 0", 0, 180},
            Field<A, double>{"shift", &A::shift, "share of a side", "along each axis", 0, 1},
            Field<A, double>{
                "zoom", &A::zoom, "share", "magnification 1 - zoom to 1 + zoom", 0, 0.9},
            Field<A, bool>{"zoom_per_axis", &A::zoom_per_axis, "", "each axis draws its own zoom"},
            Field<A, double>{"shear", &A::shear, "degrees", "drawn from both sides of 0", 0, 60},
            Field<A, bool>{"flip_horizontal", &A::flip_horizontal, "", "mirror half of the images"},
            Field<A, bool>{"flip_vertical", &A::flip_vertical, "", "turn half of the images over"}};
    }

    void validate() const {
        check_ranges(*this);
    }

    bool operator==(const AugmentOptions&) const = default;

    static AugmentOptions none() {
        return {0, 0, 0, false, 0, false, false};
    }
};

/// One draw. Each quantity takes its numbers in a fixed order, so switching one off moves no other.
Distortion draw_distortion(const AugmentOptions& options, RandomStream& random);

}  // namespace georgia
