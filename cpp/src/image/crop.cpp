#include "georgia/image/crop.h"

#include <opencv2/core.hpp>
#include <string>

#include "georgia/base/error.h"

#include "image/mat.h"

namespace georgia {

Image cropped(const Image& image, const Crop& crop, std::string_view subject) {
    const int height = image.height - crop.top - crop.bottom;
    const int width = image.width - crop.left - crop.right;
    if (height < 1 || width < 1)
        throw BadInput(
            "crop",
            subject,
            "nothing would be left of the image",
            "less than its " + std::to_string(image.height) + " rows and " +
                std::to_string(image.width) + " columns",
            std::to_string(crop.top + crop.bottom) + " and " +
                std::to_string(crop.left + crop.right));
    Image result(height, width, image.channels);
    mat_of(image)(cv::Rect(crop.left, crop.top, width, height)).copyTo(mat_of(result));
    return result;
}

}  // namespace georgia
