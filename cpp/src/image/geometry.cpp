#include "georgia/image/geometry.h"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <opencv2/imgproc.hpp>

#include "image/mat.h"
#include "image/warp_bilinear.h"

namespace georgia {
namespace {

/// Frame pixels per source pixel along each axis.
struct Scale {
    double x = 1;
    double y = 1;
};

Scale scale_of(FrameSize source, FrameSize frame, Fit fit) {
    const double x = static_cast<double>(frame.width) / source.width;
    const double y = static_cast<double>(frame.height) / source.height;
    if (fit == Fit::kPad) return {std::min(x, y), std::min(x, y)};
    if (fit == Fit::kCrop) return {std::max(x, y), std::max(x, y)};
    if (fit == Fit::kWindow) return {};
    return {x, y};
}

Homography affine(const std::array<double, 6>& rows) {
    return {{rows[0], rows[1], rows[2], rows[3], rows[4], rows[5], 0, 0, 1}};
}

Homography translation(double x, double y) {
    return affine({1, 0, x, 0, 1, y});
}

Homography scaling(double x, double y) {
    return affine({x, 0, 0, 0, y, 0});
}

/// Takes the corners of the unit square to where they are shifted, and lines to lines (the closed
/// form of Heckbert, "Fundamentals of Texture Mapping and Image Warping", 1989).
Homography tilt(const std::array<double, 8>& shifts) {
    const auto& s = shifts;
    const std::array<double, 4> x{s[0], 1 + s[2], 1 + s[4], s[6]};
    const std::array<double, 4> y{s[1], s[3], 1 + s[5], 1 + s[7]};
    const double x1 = x[1] - x[2];
    const double x2 = x[3] - x[2];
    const double y1 = y[1] - y[2];
    const double y2 = y[3] - y[2];
    const double from_square_x = x[0] - x[1] + x[2] - x[3];
    const double from_square_y = y[0] - y[1] + y[2] - y[3];
    const double area = x1 * y2 - x2 * y1;
    const double g = (from_square_x * y2 - x2 * from_square_y) / area;
    const double h = (x1 * from_square_y - from_square_x * y1) / area;
    return {
        {x[1] - x[0] + g * x[1],
         x[3] - x[0] + h * x[3],
         x[0],
         y[1] - y[0] + g * y[1],
         y[3] - y[0] + h * y[3],
         y[0],
         g,
         h,
         1}};
}

/// Takes a point of the distorted frame back to where it came from, about the origin.
Homography undo(const Distortion& d, FrameSize frame) {
    const double width = frame.width;
    const double height = frame.height;
    const double angle = d.rotation * std::numbers::pi / 180;
    const Homography into_part =
        translation(
            (d.part_x - 0.5) * (1 - d.part) * width, (d.part_y - 0.5) * (1 - d.part) * height) *
        scaling(d.part, d.part);
    const Homography transpose =
        d.is_transposed ? affine({0, width / height, 0, height / width, 0, 0}) : Homography{};
    const Homography unzoom =
        scaling((d.flip_x ? -1 : 1) / d.zoom_x, (d.flip_y ? -1 : 1) / d.zoom_y);
    const Homography unshear = affine({1, -std::tan(d.shear * std::numbers::pi / 180), 0, 0, 1, 0});
    const Homography unrotate =
        affine({std::cos(angle), -std::sin(angle), 0, std::sin(angle), std::cos(angle), 0});
    const Homography unshift = translation(-d.shift_x * width, -d.shift_y * height);
    const Homography undone = into_part * transpose * unzoom * unshear * unrotate * unshift;
    if (d.corners == std::array<double, 8>{}) return undone;  // stays affine to the last bit
    const Homography to_unit = scaling(1 / width, 1 / height) * translation(width / 2, height / 2);
    const Homography from_unit = translation(-width / 2, -height / 2) * scaling(width, height);
    return undone * from_unit * tilt(d.corners) * to_unit;
}

int opencv_interpolation(Interpolation interpolation) {
    if (interpolation == Interpolation::kNearest) return cv::INTER_NEAREST;
    return interpolation == Interpolation::kBicubic ? cv::INTER_CUBIC : cv::INTER_LINEAR;
}

int opencv_border(Border border) {
    if (border == Border::kReflect) return cv::BORDER_REFLECT;
    return border == Border::kConstant ? cv::BORDER_CONSTANT : cv::BORDER_REPLICATE;
}

/// Averages over k x k blocks; rows and columns that do not fill one are left to the border.
Image box_reduced(const Image& source, int k) {
    Image reduced(source.height / k, source.width / k, source.channels);
    const cv::Rect whole_blocks(0, 0, reduced.width * k, reduced.height * k);
    cv::Mat into = mat_of(reduced);
    cv::resize(mat_of(source)(whole_blocks), into, into.size(), 0, 0, cv::INTER_AREA);
    return reduced;
}

/// Any interpolation through any matrix.
void warp_by_opencv(
    const Image& source,
    const Homography& matrix,
    FrameSize frame,
    const WarpOptions& options,
    std::uint8_t* target) {
    const cv::Mat pixels = mat_of(source);
    cv::Mat into(frame.height, frame.width, pixels.type(), target);
    const int how = opencv_interpolation(options.interpolation) | cv::WARP_INVERSE_MAP;
    const int border = opencv_border(options.border);
    const cv::Scalar fill = cv::Scalar::all(options.fill);
    const cv::Matx33d rows(matrix.m.data());
    if (matrix.is_affine())
        cv::warpAffine(pixels, into, rows.get_minor<2, 3>(0, 0), into.size(), how, border, fill);
    else
        cv::warpPerspective(pixels, into, rows, into.size(), how, border, fill);
}

}  // namespace

Homography Homography::operator*(const Homography& first) const {
    Homography product;
    for (std::size_t i = 0; i < 9; ++i) {
        const std::size_t row = i / 3 * 3;
        const std::size_t column = i % 3;
        product.m[i] = m[row] * first.m[column] + m[row + 1] * first.m[column + 3] +
                       m[row + 2] * first.m[column + 6];
    }
    return product;
}

int box_reduction(FrameSize source, FrameSize frame, Fit fit, Interpolation interpolation) {
    if (interpolation == Interpolation::kNearest) return 1;  // averaging would invent values
    const Scale scale = scale_of(source, frame, fit);
    const int k = static_cast<int>(std::floor(std::min(1 / scale.x, 1 / scale.y)));
    return std::clamp(k, 1, std::min(source.height, source.width));  // a strip keeps a row
}

Homography frame_to_source(
    FrameSize source, FrameSize frame, Fit fit, const Distortion& distortion) {
    const Scale scale = scale_of(source, frame, fit);
    return translation((source.width - 1) / 2.0, (source.height - 1) / 2.0) *
           scaling(1 / scale.x, 1 / scale.y) * undo(distortion, frame) *
           translation(-(frame.width - 1) / 2.0, -(frame.height - 1) / 2.0);
}

BoxedWarp boxed_warp(
    FrameSize source,
    FrameSize frame,
    Fit fit,
    Interpolation interpolation,
    const Distortion& distortion) {
    const int k = box_reduction(source, frame, fit, interpolation);
    const Homography whole = frame_to_source(source, frame, fit, distortion);
    if (k == 1) return {k, whole};
    return {k, scaling(1.0 / k, 1.0 / k) * translation(-(k - 1) / 2.0, -(k - 1) / 2.0) * whole};
}

void warp(
    const Image& source,
    FrameSize frame,
    const Distortion& distortion,
    const WarpOptions& options,
    std::uint8_t* target) {
    const auto [k, matrix] =
        boxed_warp(source.size(), frame, options.fit, options.interpolation, distortion);
    const Image reduced = k > 1 ? box_reduced(source, k) : Image();
    const Image& pixels = k > 1 ? reduced : source;
    const bool is_bilinear = options.interpolation == Interpolation::kBilinear;
    if (is_bilinear && matrix.is_affine() && std::min(pixels.height, pixels.width) > 1) {
        static const WarpBuild kFastest = warp_builds().front();
        kFastest.run({pixels, matrix, frame, options.border, options.fill}, target);
    } else {
        warp_by_opencv(pixels, matrix, frame, options, target);
    }
}

}  // namespace georgia
