#include "georgia/image/encode.h"

#include <opencv2/imgcodecs.hpp>
#include <opencv2/imgproc.hpp>

#include "georgia/base/error.h"

#include "image/mat.h"

namespace georgia {
namespace {

/// The image in OpenCV's order of colours.
cv::Mat bgr(const Image& image) {
    if (image.channels == 1) return mat_of(image);
    cv::Mat ordered;
    cv::cvtColor(
        mat_of(image), ordered, image.channels == 3 ? cv::COLOR_RGB2BGR : cv::COLOR_RGBA2BGRA);
    return ordered;
}

std::vector<std::uint8_t> encode(
    const char* ending, const cv::Mat& image, const std::vector<int>& parameters) {
    std::vector<std::uint8_t> bytes;
    if (!cv::imencode(ending, image, bytes, parameters))
        throw InternalError("encode", ending, "OpenCV refused an image of ours");
    return bytes;
}

}  // namespace

std::vector<std::uint8_t> encode_png(const Image& image) {
    return encode(".png", bgr(image), {});
}

std::vector<std::uint8_t> encode_jpeg(const Image& image, int quality) {
    cv::Mat ordered = bgr(image);
    if (image.channels == 4) cv::cvtColor(ordered, ordered, cv::COLOR_BGRA2BGR);
    return encode(".jpg", ordered, {cv::IMWRITE_JPEG_QUALITY, quality});
}

}  // namespace georgia
