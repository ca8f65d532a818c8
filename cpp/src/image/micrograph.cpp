#include "image/micrograph.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>
#include <opencv2/imgproc.hpp>

#include "image/mat.h"

namespace georgia {
namespace {

constexpr int kSupersampling = 2;
constexpr int kSubpixelBits = 4;

cv::Mat1f noise(int rows, int columns, RandomStream& random) {
    cv::Mat1f field(rows, columns);
    for (float& value : field) value = static_cast<float>(random.normal());
    return field;
}

/// Noise without features smaller than a cell, standard deviation about 1.
cv::Mat1f coarse_noise(int side, int cells, RandomStream& random) {
    cv::Mat1f field;
    cv::resize(noise(cells, cells, random), field, {side, side}, 0, 0, cv::INTER_CUBIC);
    return field;
}

std::vector<cv::Point2d> circle(cv::Point2d centre, double radius) {
    std::vector<cv::Point2d> outline;
    for (int i = 0; i < 40; ++i) {
        const double angle = 2 * std::numbers::pi * i / 40;
        outline.emplace_back(
            centre.x + radius * std::cos(angle), centre.y + radius * std::sin(angle));
    }
    return outline;
}

}  // namespace

Micrograph::Micrograph(int size, RandomStream& random)
    : random_(random), field_(size * kSupersampling, size * kSupersampling, 0.0F) {
    const double angle = random.uniform(0.6, 1.1) * std::numbers::pi;
    light_ = {std::cos(angle), -std::sin(angle)};
}

void Micrograph::stamp(const std::vector<cv::Point2d>& outline, const Look& look) {
    double left = side();
    double top = side();
    double right = 0;
    double bottom = 0;
    for (const cv::Point2d& p : outline) {
        left = std::min(left, p.x), right = std::max(right, p.x);
        top = std::min(top, p.y), bottom = std::max(bottom, p.y);
    }
    const int margin = 8 + static_cast<int>(6 * look.softness);
    const cv::Point corner(static_cast<int>(left) - margin, static_cast<int>(top) - margin);
    const cv::Size extent(
        static_cast<int>(right) + margin - corner.x, static_cast<int>(bottom) + margin - corner.y);
    if (extent.width <= 2 * margin || extent.height <= 2 * margin) return;

    std::vector<cv::Point> fixed_point;
    for (const cv::Point2d& p : outline)
        fixed_point.emplace_back(
            cvRound((p.x - corner.x) * (1 << kSubpixelBits)),
            cvRound((p.y - corner.y) * (1 << kSubpixelBits)));
    cv::Mat1b density(extent, std::uint8_t{0});
    cv::fillPoly(density, fixed_point, cv::Scalar(255), cv::LINE_AA, kSubpixelBits);
    stamp(density, corner, look);
}

void Micrograph::stamp(const cv::Mat1b& density, cv::Point corner, const Look& look) {
    const cv::Rect place(corner, density.size());
    const cv::Rect seen = place & cv::Rect(0, 0, field_.cols, field_.rows);
    if (seen.empty()) return;

    cv::Mat1f body;
    density.convertTo(body, CV_32F, 1.0 / 255);
    cv::GaussianBlur(body, body, {}, look.softness);
    cv::Mat1f slope_x;
    cv::Mat1f slope_y;
    cv::Mat1f steepness;
    cv::Sobel(body, slope_x, CV_32F, 1, 0, 3, 1.0 / 8);
    cv::Sobel(body, slope_y, CV_32F, 0, 1, 3, 1.0 / 8);
    cv::magnitude(slope_x, slope_y, steepness);
    cv::Mat1f halo;
    cv::GaussianBlur(body, halo, {}, 3 * look.softness);
    const cv::Mat layer = look.fill * body -
                          look.relief * (light_.x * slope_x + light_.y * slope_y) -
                          look.rim * steepness + 0.12 * look.rim * (halo - body);
    field_(seen) += layer(seen - corner);
}

void Micrograph::litter() {
    for (auto left = random_.below(14); left > 0; --left) {
        const cv::Point2d at(random_.uniform() * side(), random_.uniform() * side());
        const double radius = random_.uniform(1, 4);
        stamp(circle(at, radius), {-0.1, 0.5, 0.6, random_.uniform(0.8, 3)});
    }
    if (!random_.chance(0.3)) return;
    for (auto left = 1 + random_.below(3); left > 0; --left) {
        const cv::Point2d at(random_.uniform() * side(), random_.uniform() * side());
        const double radius = random_.uniform(5, 22);
        stamp(circle(at, radius), {-0.05, 0.3, 2.2, 1.6});
        stamp(circle(at, radius * 0.45), {0.22, 0, 0, 2.5});
    }
}

cv::Mat1f Micrograph::uneven_light() {
    const int n = field_.rows;
    const double tilt_x = random_.uniform(-0.14, 0.14);
    const double tilt_y = random_.uniform(-0.14, 0.14);
    const double vignette = random_.uniform(0, 0.28);
    const cv::Mat1f clouds = coarse_noise(n, 4, random_);
    cv::Mat1f light(n, n);
    for (int y = 0; y < n; ++y) {
        for (int x = 0; x < n; ++x) {
            const double u = 2.0 * x / n - 1;
            const double v = 2.0 * y / n - 1;
            light(y, x) = static_cast<float>(
                1 + tilt_x * u + tilt_y * v - vignette * (u * u + v * v) / 2 +
                0.015 * clouds(y, x));
        }
    }
    return light;
}

Image Micrograph::develop() {
    const int size = field_.rows / kSupersampling;
    field_ += 0.012 * coarse_noise(field_.rows, field_.rows / 5, random_);
    cv::Mat exposed =
        random_.uniform(0.42, 0.7) * uneven_light().mul(1 + random_.uniform(0.75, 1.25) * field_);
    cv::GaussianBlur(exposed, exposed, {}, random_.uniform(0.7, 2.2));
    cv::Mat1f small;
    cv::resize(exposed, small, {size, size}, 0, 0, cv::INTER_AREA);

    const double grain = random_.uniform(0.006, 0.024);
    const double warmth = random_.uniform(-0.045, 0.06);
    const double green = random_.uniform(-0.02, 0.03);
    const std::array<double, 3> tint{1 + warmth, 1 + green, 1 - warmth};
    Image image(size, size, 3);
    std::size_t at = 0;
    for (const float brightness : small) {
        const double shared = grain * random_.normal();
        for (const double channel : tint) {
            const double value = brightness * channel + shared + 0.4 * grain * random_.normal();
            image.pixels[at++] = cv::saturate_cast<std::uint8_t>(255 * value);
        }
    }
    return image;
}

}  // namespace georgia
