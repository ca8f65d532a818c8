#include "georgia/image/photometric.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <opencv2/imgproc.hpp>

#include "image/noise.h"

namespace georgia {
namespace {

using Table = std::array<std::uint8_t, 256>;

/// Of red, green and blue, in 0 to 1; weights of ITU-R 601.
double mean_gray(const cv::Mat& pixels) {
    const cv::Scalar mean = cv::mean(pixels);
    if (pixels.channels() == 1) return mean[0] / 255;
    return (0.299 * mean[0] + 0.587 * mean[1] + 0.114 * mean[2]) / 255;
}

Table table_of(const Photometric& drawn, double middle) {
    Table table{};
    for (std::size_t i = 0; i < table.size(); ++i) {
        const double value = static_cast<double>(i) / 255;
        const double line = middle + drawn.contrast * (value - middle) + drawn.brightness;
        const double curve = std::pow(std::clamp(line, 0.0, 1.0), drawn.gamma);
        table[i] = static_cast<std::uint8_t>(std::lround(255 * curve));
    }
    return table;
}

void blur(cv::Mat& pixels, double sigma) {
    const int radius = static_cast<int>(3 * sigma + 0.5);
    const cv::Size kernel(2 * radius + 1, 2 * radius + 1);
    cv::GaussianBlur(pixels, pixels, kernel, sigma, sigma, cv::BORDER_REFLECT);
}

void erase(cv::Mat& pixels, const Photometric& drawn) {
    const auto length = [](double share, int side) {
        return static_cast<int>(std::lround(share * side));
    };
    const auto place = [](double share, int room) {
        return std::min(static_cast<int>(share * (room + 1)), room);
    };
    const cv::Size size(
        length(drawn.erased_width, pixels.cols), length(drawn.erased_height, pixels.rows));
    if (size.empty()) return;
    const cv::Point corner(
        place(drawn.erased_x, pixels.cols - size.width),
        place(drawn.erased_y, pixels.rows - size.height));
    pixels(cv::Rect(corner, size)).setTo(cv::mean(pixels));
}

}  // namespace

void adjust(const Photometric& drawn, FrameSize frame, int channels, std::uint8_t* pixels) {
    cv::Mat image(frame.height, frame.width, CV_8UC(channels), pixels);
    const std::span values(pixels, image.total() * image.elemSize());
    const bool has_table = drawn.brightness != 0 || drawn.contrast != 1 || drawn.gamma != 1;
    const bool has_hole = drawn.erased_height > 0 && drawn.erased_width > 0;
    if (!has_table && drawn.blur <= 0 && drawn.noise <= 0 && !has_hole) return;

    cv::Mat alpha;
    if (channels == 4) cv::extractChannel(image, alpha, 3);
    if (has_table) {
        const Table table = table_of(drawn, drawn.contrast == 1 ? 0 : mean_gray(image));
        for (std::uint8_t& value : values) value = table[value];
    }
    if (drawn.blur > 0) blur(image, drawn.blur);
    if (drawn.noise > 0)
        add_noise(values, 255 * drawn.noise, {drawn.noise_seed, 0, 0, Purpose::kNoise});
    if (has_hole) erase(image, drawn);
    if (channels == 4) cv::insertChannel(alpha, image, 3);
}

}  // namespace georgia
