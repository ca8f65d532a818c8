#include "georgia/image/preprocess.h"

#include <opencv2/imgproc.hpp>
#include <string>

#include "georgia/base/error.h"

#include "image/mat.h"

namespace georgia {
namespace {

/// Alpha composited over the background: c' = (c * a + background * (255 - a)) / 255, rounded.
Image without_alpha(const Image& image, Background background) {
    Image opaque(image.height, image.width, 3);
    const int behind = background == Background::kWhite ? 255 : 0;
    const std::size_t count = image.pixels.size() / 4;
    for (std::size_t i = 0; i < count; ++i) {
        const int alpha = image.pixels[4 * i + 3];
        for (std::size_t c = 0; c < 3; ++c) {
            const int mixed = image.pixels[4 * i + c] * alpha + behind * (255 - alpha);
            opaque.pixels[3 * i + c] = static_cast<std::uint8_t>((mixed + 127) / 255);
        }
    }
    return opaque;
}

Image converted(const Image& image, int channels, int opencv_code) {
    Image result(image.height, image.width, channels);
    cv::Mat into = mat_of(result);
    cv::cvtColor(mat_of(image), into, opencv_code);
    return result;
}

}  // namespace

void Preprocess::validate() const {
    check_ranges(*this);
    if (channels == 2)
        throw InvalidOption("Preprocess", "channels", "unknown value", "1, 3 or 4", "2");
    const auto count = static_cast<std::size_t>(channels);
    if (mean.size() != count || deviation.size() != count)
        throw InvalidOption(
            "Preprocess",
            "mean, deviation",
            "one number for each channel",
            std::to_string(count),
            std::to_string(mean.size()) + " and " + std::to_string(deviation.size()));
}

void place(
    const Image& image,
    const Preprocess& preprocess,
    const Distortion& distortion,
    std::uint8_t* target) {
    const WarpOptions options{
        preprocess.fit,
        preprocess.interpolation,
        preprocess.border,
        static_cast<int>(preprocess.fill)};
    const FrameSize frame = preprocess.frame();
    const auto wanted = static_cast<int>(preprocess.channels);
    if (image.channels == wanted) return warp(image, frame, distortion, options, target);
    if (image.channels == 4) {
        const Image opaque = without_alpha(image, preprocess.background);
        return place(opaque, preprocess, distortion, target);
    }
    if (wanted == 1)
        return warp(converted(image, 1, cv::COLOR_RGB2GRAY), frame, distortion, options, target);
    if (image.channels == 3)
        return warp(converted(image, 4, cv::COLOR_RGB2RGBA), frame, distortion, options, target);

    // Gray is warped as one channel and spread afterwards: a third of the work.
    Image gray(frame.height, frame.width, 1);
    warp(image, frame, distortion, options, gray.pixels.data());
    cv::Mat into(frame.height, frame.width, CV_8UC(wanted), target);
    cv::cvtColor(mat_of(gray), into, wanted == 3 ? cv::COLOR_GRAY2RGB : cv::COLOR_GRAY2RGBA);
}

}  // namespace georgia
