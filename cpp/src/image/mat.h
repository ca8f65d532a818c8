#pragma once

#include <opencv2/core.hpp>

#include "georgia/image/image.h"

namespace georgia {

/// OpenCV's view of an image's pixels; it lives as long as they do.
inline cv::Mat mat_of(Image& image) {
    return {image.height, image.width, CV_8UC(image.channels), image.pixels.data()};
}

/// The same for reading. OpenCV has no constant view: the pixels must not be written through it.
inline cv::Mat mat_of(const Image& image) {
    return {
        image.height,
        image.width,
        CV_8UC(image.channels),
        const_cast<std::uint8_t*>(image.pixels.data())};
}

}  // namespace georgia
