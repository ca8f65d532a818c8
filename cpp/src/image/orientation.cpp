#include "image/orientation.h"

#include <array>
#include <opencv2/core.hpp>
#include <utility>

#include "image/mat.h"

namespace georgia {

Image turned(const Image& image, int turn) {
    Image flipped;
    if ((turn & 3) != 0) {
        constexpr std::array kFlipCodes{0, 1, 0, -1};  // OpenCV's: 1 columns, 0 rows, -1 both
        flipped = Image(image.height, image.width, image.channels);
        cv::Mat into = mat_of(flipped);
        cv::flip(mat_of(image), into, kFlipCodes[static_cast<std::size_t>(turn & 3)]);
    }
    const Image& upright = (turn & 3) != 0 ? flipped : image;
    if ((turn & 4) == 0) return upright;
    Image transposed(image.width, image.height, image.channels);
    cv::Mat into = mat_of(transposed);
    cv::transpose(mat_of(upright), into);
    return transposed;
}

int turn_of_exif(int orientation) {
    // 1 upright, 2 mirrored, 3 half turn, 4 upside down, 5 transposed, 6 quarter turn clockwise,
    // 7 transposed across the other diagonal, 8 quarter turn counter-clockwise.
    constexpr std::array kTurnOf{0, 0, 1, 3, 2, 4, 6, 7, 5};
    return kTurnOf[static_cast<std::size_t>(orientation)];
}

}  // namespace georgia
