#include "georgia/image/geometry.h"

#include <cmath>
#include <cstdlib>

#include "catch.h"
#include "image/picture.h"

using namespace georgia;

namespace {

Image warped(
    const Image& source, FrameSize frame, const Distortion& d, const WarpOptions& options = {}) {
    Image target(frame.height, frame.width, source.channels);
    warp(source, frame, d, options, target.pixels.data());
    return target;
}

std::uint8_t at(const Image& image, int y, int x, int c) {
    return image.pixels[static_cast<std::size_t>((y * image.width + x) * image.channels + c)];
}

}  // namespace

TEST_CASE("no distortion at the same size changes nothing") {
    const Image image = picture(20, 31, 3);
    CHECK(warped(image, {20, 31}, {}).pixels == image.pixels);
}

TEST_CASE("flips and quarter turns move pixels exactly") {
    const Image image = picture(16, 16, 3);
    Distortion flip_x;
    flip_x.flip_x = true;
    Distortion flip_y;
    flip_y.flip_y = true;
    Distortion quarter;
    quarter.rotation = 90;
    const WarpOptions nearest{Fit::kStretch, Interpolation::kNearest};
    const Image a = warped(image, {16, 16}, flip_x, nearest);
    const Image b = warped(image, {16, 16}, flip_y, nearest);
    const Image c = warped(image, {16, 16}, quarter, nearest);
    int wrong = 0;
    for (int y = 0; y < 16; ++y)
        for (int x = 0; x < 16; ++x)
            wrong += (at(a, y, x, 1) != at(image, y, 15 - x, 1)) +
                     (at(b, y, x, 1) != at(image, 15 - y, x, 1)) +
                     (at(c, y, x, 1) != at(image, x, 15 - y, 1));  // counter-clockwise
    CHECK(wrong == 0);
}

TEST_CASE("shrinking by a whole factor is the mean of the blocks") {
    const Image image = picture(32, 32, 1);
    const Image half = warped(image, {8, 8}, {});
    for (int y = 0; y < 8; ++y) {
        for (int x = 0; x < 8; ++x) {
            int sum = 0;
            for (int i = 0; i < 16; ++i) sum += at(image, 4 * y + i / 4, 4 * x + i % 4, 0);
            REQUIRE(std::abs(at(half, y, x, 0) - sum / 16.0) <= 0.51);  // one rounding
        }
    }
}

TEST_CASE("k follows from the fit alone") {
    const Image image = picture(100, 250, 1);
    CHECK(box_reduction(image, {50, 50}, Fit::kStretch, Interpolation::kBilinear) == 2);
    CHECK(box_reduction(image, {50, 50}, Fit::kCrop, Interpolation::kBilinear) == 2);
    CHECK(box_reduction(image, {50, 50}, Fit::kPad, Interpolation::kBilinear) == 5);
    CHECK(box_reduction(image, {50, 50}, Fit::kPad, Interpolation::kNearest) == 1);
    CHECK(box_reduction(image, {200, 300}, Fit::kPad, Interpolation::kBilinear) == 1);
}

TEST_CASE("pad keeps the whole image in the middle, crop fills the frame") {
    Image white(10, 20, 1);
    for (auto& pixel : white.pixels) pixel = 255;
    WarpOptions options{Fit::kPad, Interpolation::kBilinear, Border::kConstant, 7};
    const Image padded = warped(white, {20, 20}, {}, options);
    CHECK(at(padded, 0, 10, 0) == 7);
    CHECK(at(padded, 10, 0, 0) == 255);
    CHECK(at(padded, 10, 19, 0) == 255);
    options.fit = Fit::kCrop;
    options.border =
        Border::kNearest;  // interpolation mixes a constant border into the last half pixel
    const Image cropped = warped(white, {20, 20}, {}, options);
    for (const auto pixel : cropped.pixels) REQUIRE(pixel == 255);
}

TEST_CASE("bilinear interpolation agrees with its formula") {
    const Image image = picture(24, 24, 3);
    Distortion d;
    d.rotation = 17;
    d.shear = 8;
    d.zoom_x = 1.2;
    d.zoom_y = 0.9;
    d.shift_x = 0.05;
    const Image result = warped(image, {24, 24}, d);
    const auto m = frame_to_source(image, {24, 24}, Fit::kStretch, d).m;
    double worst = 0;
    for (int y = 0; y < 24; ++y) {
        for (int x = 0; x < 24; ++x) {
            const double sx = m[0] * x + m[1] * y + m[2];
            const double sy = m[3] * x + m[4] * y + m[5];
            const auto pixel = [&](double px, double py) {
                const int ix = std::clamp(static_cast<int>(px), 0, 23);
                const int iy = std::clamp(static_cast<int>(py), 0, 23);
                return static_cast<double>(at(image, iy, ix, 0));
            };
            const double x0 = std::floor(sx);
            const double y0 = std::floor(sy);
            const double fx = sx - x0;
            const double fy = sy - y0;
            const double expected =
                (1 - fy) * ((1 - fx) * pixel(x0, y0) + fx * pixel(x0 + 1, y0)) +
                fy * ((1 - fx) * pixel(x0, y0 + 1) + fx * pixel(x0 + 1, y0 + 1));
            worst = std::max(worst, std::abs(expected - at(result, y, x, 0)));
        }
    }
    // OpenCV's weights may be steps of 1/32: two axes, 250 levels between neighbours, half a step.
    CHECK(worst <= 2 * 250 / 64.0 + 1);
}
