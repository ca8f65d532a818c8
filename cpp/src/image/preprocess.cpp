#include "georgia/image/preprocess.h"

#include <array>
#include <opencv2/imgproc.hpp>
#include <string>

#include "georgia/base/error.h"
#include "georgia/image/gray.h"

#include "image/composite.h"
#include "image/mat.h"

namespace georgia {
namespace {

Image converted(const Image& image, int channels, int opencv_code) {
    Image result(image.height, image.width, channels);
    cv::Mat into = mat_of(result);
    cv::cvtColor(mat_of(image), into, opencv_code);
    return result;
}

/// Numbers by which pixels scaled to [0, 1] are normalised, in RGB order.
struct Normalisation {
    std::string_view name;
    std::array<double, 3> mean;
    std::array<double, 3> deviation;
    ChannelOrder order = ChannelOrder::kRgb;
};

constexpr std::array<Normalisation, 4> kNormalisations{{
    {"imagenet", {0.485, 0.456, 0.406}, {0.229, 0.224, 0.225}},
    {"caffe",
     {123.68 / 255, 116.779 / 255, 103.939 / 255},
     {1.0 / 255, 1.0 / 255, 1.0 / 255},
     ChannelOrder::kBgr},
    {"unit", {0, 0, 0}, {1, 1, 1}},
    {"centred", {0.5, 0.5, 0.5}, {0.5, 0.5, 0.5}},
}};

/// Three numbers for one, three or four channels.
std::vector<double> spread(
    const std::array<double, 3>& rgb, std::int64_t channels, double of_alpha) {
    if (channels == 1) return {(rgb[0] + rgb[1] + rgb[2]) / 3};
    std::vector<double> values(rgb.begin(), rgb.end());
    if (channels == 4) values.push_back(of_alpha);
    return values;
}

}  // namespace

Preprocess with_normalisation(Preprocess preprocess, std::string_view name) {
    std::string known;
    for (const Normalisation& one : kNormalisations) {
        if (one.name != name) {
            known.append(known.empty() ? "" : ", ").append(one.name);
            continue;
        }
        preprocess.mean = spread(one.mean, preprocess.channels, 0);
        preprocess.deviation = spread(one.deviation, preprocess.channels, 1);
        preprocess.order = one.order;
        return preprocess;
    }
    throw InvalidOption("Preprocess", "normalisation", "unknown name", known + " or numbers", name);
}

void Preprocess::validate() const {
    check_ranges(*this);
    if (channels == 2)
        throw InvalidOption("Preprocess", "channels", "unknown value", "1, 3 or 4", "2");
    if (depth.size() != 2 || depth[0] >= depth[1])
        throw InvalidOption("Preprocess", "depth", "expected two rising numbers");
    if (crop.size() != 4)
        throw InvalidOption(
            "Preprocess", "crop", "expected four numbers: top, right, bottom, left");
    const auto count = static_cast<std::size_t>(channels);
    if (mean.size() != count || deviation.size() != count)
        throw InvalidOption(
            "Preprocess",
            "mean, deviation",
            "one number for each channel",
            std::to_string(count),
            std::to_string(mean.size()) + " and " + std::to_string(deviation.size()));
}

Image with_channels_of(const Image& image, const Preprocess& preprocess) {
    const auto wanted = static_cast<int>(preprocess.channels);
    if (image.channels == wanted) return image;
    if (image.channels == 4)
        return with_channels_of(
            composite(image, preprocess.background == Background::kWhite ? 255 : 0), preprocess);
    if (wanted == 1) return converted(image, 1, cv::COLOR_RGB2GRAY);
    if (image.channels == 3) return converted(image, 4, cv::COLOR_RGB2RGBA);
    return converted(image, wanted, wanted == 3 ? cv::COLOR_GRAY2RGB : cv::COLOR_GRAY2RGBA);
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
    if (wanted == 3 && is_gray_in_colour(image))
        return place(first_channel(image), preprocess, distortion, target);
    if (image.channels == wanted) return warp(image, frame, distortion, options, target);
    if (image.channels != 1 || wanted != 3) {  // alpha is warped too
        const Image adapted = with_channels_of(image, preprocess);
        return place(adapted, preprocess, distortion, target);
    }

    // Gray is warped as one channel and spread afterwards: a third of the work.
    Image gray(frame.height, frame.width, 1);
    warp(image, frame, distortion, options, gray.pixels.data());
    cv::Mat into(frame.height, frame.width, CV_8UC3, target);
    cv::cvtColor(mat_of(gray), into, cv::COLOR_GRAY2RGB);
}

}  // namespace georgia
