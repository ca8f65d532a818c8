#include "georgia/image/geometry.h"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <opencv2/imgproc.hpp>

#include "image/mat.h"

namespace georgia {
namespace {

/// Frame pixels per source pixel along each axis.
struct Scale {
    double x = 1;
    double y = 1;
};

Scale scale_of(const Image& source, FrameSize frame, Fit fit) {
    const double x = static_cast<double>(frame.width) / source.width;
    const double y = static_cast<double>(frame.height) / source.height;
    if (fit == Fit::kPad) return {std::min(x, y), std::min(x, y)};
    if (fit == Fit::kCrop) return {std::max(x, y), std::max(x, y)};
    return {x, y};
}

Affine translation(double x, double y) {
    return {{1, 0, x, 0, 1, y}};
}

Affine scaling(double x, double y) {
    return {{x, 0, 0, 0, y, 0}};
}

/// Takes a point of the distorted frame back to where it came from, about the origin.
Affine undo(const Distortion& d, FrameSize frame) {
    const double angle = d.rotation * std::numbers::pi / 180;
    const Affine unrotate{
        {std::cos(angle), -std::sin(angle), 0, std::sin(angle), std::cos(angle), 0}};
    const Affine unshear{{1, -std::tan(d.shear * std::numbers::pi / 180), 0, 0, 1, 0}};
    const Affine unzoom = scaling((d.flip_x ? -1 : 1) / d.zoom_x, (d.flip_y ? -1 : 1) / d.zoom_y);
    return unzoom * unshear * unrotate *
           translation(-d.shift_x * frame.width, -d.shift_y * frame.height);
}

int opencv_border(Border border) {
    if (border == Border::kReflect) return cv::BORDER_REFLECT;
    return border == Border::kConstant ? cv::BORDER_CONSTANT : cv::BORDER_REPLICATE;
}

}  // namespace

Affine Affine::operator*(const Affine& first) const {
    const auto& a = m;
    const auto& b = first.m;
    return {
        {a[0] * b[0] + a[1] * b[3],
         a[0] * b[1] + a[1] * b[4],
         a[0] * b[2] + a[1] * b[5] + a[2],
         a[3] * b[0] + a[4] * b[3],
         a[3] * b[1] + a[4] * b[4],
         a[3] * b[2] + a[4] * b[5] + a[5]}};
}

int box_reduction(const Image& source, FrameSize frame, Fit fit, Interpolation interpolation) {
    if (interpolation == Interpolation::kNearest) return 1;  // averaging would invent values
    const Scale scale = scale_of(source, frame, fit);
    const int k = static_cast<int>(std::floor(std::min(1 / scale.x, 1 / scale.y)));
    return std::clamp(k, 1, std::min(source.height, source.width));  // a strip keeps a row
}

Affine frame_to_source(
    const Image& source, FrameSize frame, Fit fit, const Distortion& distortion) {
    const Scale scale = scale_of(source, frame, fit);
    return translation((source.width - 1) / 2.0, (source.height - 1) / 2.0) *
           scaling(1 / scale.x, 1 / scale.y) * undo(distortion, frame) *
           translation(-(frame.width - 1) / 2.0, -(frame.height - 1) / 2.0);
}

void warp(
    const Image& source,
    FrameSize frame,
    const Distortion& distortion,
    const WarpOptions& options,
    std::uint8_t* target) {
    const int k = box_reduction(source, frame, options.fit, options.interpolation);
    Affine matrix = frame_to_source(source, frame, options.fit, distortion);
    cv::Mat pixels = mat_of(source);
    if (k > 1) {
        // Rows and columns that do not fill a block are left to the border.
        const cv::Size blocks(source.width / k, source.height / k);
        const cv::Mat whole_blocks = pixels(cv::Rect(0, 0, blocks.width * k, blocks.height * k));
        cv::Mat reduced;
        cv::resize(whole_blocks, reduced, blocks, 0, 0, cv::INTER_AREA);
        pixels = reduced;
        matrix = scaling(1.0 / k, 1.0 / k) * translation(-(k - 1) / 2.0, -(k - 1) / 2.0) * matrix;
    }
    cv::Mat into(frame.height, frame.width, pixels.type(), target);
    const cv::Mat as_opencv(2, 3, CV_64F, matrix.m.data());
    const int how =
        options.interpolation == Interpolation::kNearest ? cv::INTER_NEAREST : cv::INTER_LINEAR;
    cv::warpAffine(
        pixels,
        into,
        as_opencv,
        into.size(),
        how | cv::WARP_INVERSE_MAP,
        opencv_border(options.border),
        cv::Scalar::all(options.fill));
}

}  // namespace georgia
