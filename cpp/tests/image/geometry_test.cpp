#include "georgia/image/geometry.h"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <string>
#include <utility>
#include <vector>

#include "catch.h"
#include "image/answers.h"
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

TEST_CASE("a window shows the middle as it is, and border where there is no more") {
    const Image image = picture(20, 31, 3);
    WarpOptions window{Fit::kWindow};
    window.border = Border::kConstant;
    window.fill = 255;
    const Image inner = warped(image, {10, 21}, {}, window);
    const Image outer = warped(image, {40, 41}, {}, window);
    int wrong = 0;
    for (int y = 0; y < 10; ++y)
        for (int x = 0; x < 21; ++x) wrong += at(inner, y, x, 1) != at(image, y + 5, x + 5, 1);
    for (int y = 0; y < 40; ++y)
        for (int x = 0; x < 41; ++x) {
            const bool is_inside = y >= 10 && y < 30 && x >= 5 && x < 36;
            wrong += at(outer, y, x, 1) != (is_inside ? at(image, y - 10, x - 5, 1) : 255);
        }
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
    CHECK(box_reduction(image.size(), {50, 50}, Fit::kStretch, Interpolation::kBilinear) == 2);
    CHECK(box_reduction(image.size(), {50, 50}, Fit::kCrop, Interpolation::kBilinear) == 2);
    CHECK(box_reduction(image.size(), {50, 50}, Fit::kPad, Interpolation::kBilinear) == 5);
    CHECK(box_reduction(image.size(), {50, 50}, Fit::kPad, Interpolation::kNearest) == 1);
    CHECK(box_reduction(image.size(), {200, 300}, Fit::kPad, Interpolation::kBilinear) == 1);
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
    const auto m = frame_to_source(image.size(), {24, 24}, Fit::kStretch, d).m;
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

namespace {

/// One named case of scripts/augment_answers.py.
Distortion case_of(const std::string& name) {
    Distortion d;
    if (name == "rotation") d.rotation = 17;
    if (name == "shift") d.shift_x = -0.15, d.shift_y = 0.1;
    if (name == "small") d.zoom_x = d.zoom_y = 0.4;
    if (name == "zoom") d.zoom_x = d.zoom_y = 1.3;
    if (name == "zoom per axis") d.zoom_x = 1.3, d.zoom_y = 0.8;
    if (name == "shear") d.shear = 12;
    if (name == "transposed") d.is_transposed = true;
    if (name == "part") d.part = 0.7, d.part_x = 0.2, d.part_y = 0.9;
    if (name == "perspective" || name == "everything")
        d.corners = {0.10, 0.05, -0.15, 0.02, 0.03, -0.12, -0.08, 0.06};
    if (name != "everything") return d;
    d.rotation = 11;
    d.shear = 5;
    d.zoom_x = 1.1;
    d.zoom_y = 0.9;
    d.shift_x = 0.1;
    d.shift_y = -0.05;
    d.flip_x = d.is_transposed = true;
    d.part = 0.8;
    d.part_x = 0.1;
    d.part_y = 0.7;
    return d;
}

double distance(const std::string& name, Interpolation interpolation, Border border) {
    const bool is_nearest = interpolation == Interpolation::kNearest;
    const Image source = image_of(is_nearest ? "colour" : "smooth");
    const FrameSize frame = name == "everything" ? FrameSize{16, 14} : FrameSize{12, 10};
    const WarpOptions options{Fit::kPad, interpolation, border, 165};
    const std::string answer =
        name + " " + std::string(name_of(interpolation)) + " " + std::string(name_of(border));
    return distance_to(answer, warped(source, frame, case_of(name), options));
}

}  // namespace

TEST_CASE("every distortion, interpolation and border gives what others compute") {
    // Half a level of rounding, and weights in steps of 1/32: half a step is 0.4 levels where the
    // image rises by 11 levels a pixel on both axes.
    constexpr double kTolerance = 1;
    for (const std::string name :
         {"rotation",
          "shift",
          "small",
          "zoom",
          "zoom per axis",
          "shear",
          "transposed",
          "part",
          "perspective",
          "everything"}) {
        INFO(name);
        CHECK(distance(name, Interpolation::kBilinear, Border::kReflect) <= kTolerance);
    }
    for (const Border border : {Border::kNearest, Border::kReflect, Border::kConstant}) {
        INFO(name_of(border));
        for (const std::string name : {"rotation", "shift", "small"})
            CHECK(distance(name, Interpolation::kBilinear, border) <= kTolerance);
        CHECK(distance("small", Interpolation::kBicubic, border) <= kTolerance);
    }
    for (const std::string name : {"perspective", "everything"})
        CHECK(distance(name, Interpolation::kBicubic, Border::kReflect) <= kTolerance);
    for (const std::string name : {"perspective", "zoom per axis"})
        CHECK(distance(name, Interpolation::kNearest, Border::kConstant) == 0);
}

TEST_CASE("the eight symmetries move pixels exactly, with every interpolation") {
    const Image image = picture(16, 16, 3);
    for (const auto interpolation :
         {Interpolation::kNearest, Interpolation::kBilinear, Interpolation::kBicubic}) {
        for (int symmetry = 0; symmetry < 8; ++symmetry) {
            Distortion d;
            d.is_transposed = (symmetry & 4) != 0;
            d.flip_x = (symmetry & 1) != 0;
            d.flip_y = (symmetry & 2) != 0;
            const Image result = warped(image, {16, 16}, d, {Fit::kStretch, interpolation});
            int wrong = 0;
            for (int y = 0; y < 16; ++y) {
                for (int x = 0; x < 16; ++x) {
                    int from_y = d.flip_y ? 15 - y : y;
                    int from_x = d.flip_x ? 15 - x : x;
                    if (d.is_transposed) std::swap(from_x, from_y);
                    for (int c = 0; c < 3; ++c)
                        wrong += at(result, y, x, c) != at(image, from_y, from_x, c);
                }
            }
            CHECK(wrong == 0);
        }
    }
}

TEST_CASE("bicubic interpolation overshoots beside an edge, but not beyond 0 and 255") {
    const auto row_beside_edge = [](std::uint8_t dark, std::uint8_t bright) {
        Image step(8, 8, 1);
        for (std::size_t i = 0; i < 64; ++i) step.pixels[i] = i % 8 < 4 ? dark : bright;
        Distortion d;
        d.zoom_x = 3;
        const Image result = warped(step, {8, 8}, d, {Fit::kStretch, Interpolation::kBicubic});
        return std::vector<std::uint8_t>(result.pixels.begin(), result.pixels.begin() + 8);
    };
    const auto [low, high] = std::ranges::minmax(row_beside_edge(64, 192));
    CHECK(low < 60);
    CHECK(high > 196);
    const auto row = row_beside_edge(0, 255);
    CHECK(std::ranges::is_sorted(row));
    CHECK(row.front() == 0);
    CHECK(row.back() == 255);
}
