#pragma once

#include <string_view>

#include "georgia/image/image.h"

namespace georgia {

/// Rows and columns to be cut away, as an instrument's information bar.
struct Crop {
    int top = 0;
    int right = 0;
    int bottom = 0;
    int left = 0;

    bool operator==(const Crop&) const = default;
};

/// The image without them; refused where nothing would be left. The subject names the source.
Image cropped(const Image& image, const Crop& crop, std::string_view subject);

}  // namespace georgia
