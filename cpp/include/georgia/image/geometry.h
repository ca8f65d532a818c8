#pragma once

#include <array>
#include <cstdint>

#include "georgia/base/options.h"
#include "georgia/image/image.h"

namespace georgia {

/// How an image meets a frame of another shape.
enum class Fit {
    kStretch,  ///< each axis scaled by itself
    kPad,      ///< whole image visible, the rest is border
    kCrop      ///< frame filled, the middle of the image visible
};
template <>
struct EnumNames<Fit> {
    static constexpr std::array<std::string_view, 3> kNames{"stretch", "pad", "crop"};
};

enum class Interpolation { kNearest, kBilinear };
template <>
struct EnumNames<Interpolation> {
    static constexpr std::array<std::string_view, 2> kNames{"nearest", "bilinear"};
};

/// What lies outside the image.
enum class Border { kNearest, kReflect, kConstant };
template <>
struct EnumNames<Border> {
    static constexpr std::array<std::string_view, 3> kNames{"nearest", "reflect", "constant"};
};

/// A 2x3 matrix that takes (x, y, 1) to (x', y'); pixel centres stand at whole numbers.
struct Affine {
    std::array<double, 6> m{1, 0, 0, 0, 1, 0};

    /// First the other, then this.
    Affine operator*(const Affine& first) const;
};

/// Random geometry about the centre of the frame, in units of its output.
struct Distortion {
    double rotation = 0;  ///< degrees, counter-clockwise
    double shift_x = 0;   ///< share of the width
    double shift_y = 0;   ///< share of the height
    double zoom_x = 1;    ///< above 1 magnifies
    double zoom_y = 1;
    double shear = 0;  ///< degrees
    bool flip_x = false;
    bool flip_y = false;
};

struct FrameSize {
    int height = 0;
    int width = 0;
};

/// Note [One interpolation]: the source is first averaged over k x k blocks, then fit and
/// distortion are one matrix and one interpolation. k follows from the fit alone, so a distortion
/// never changes the sharpness of what the network sees.
int box_reduction(const Image& source, FrameSize frame, Fit fit, Interpolation interpolation);

/// Takes a pixel of the frame to a pixel of the source.
Affine frame_to_source(const Image& source, FrameSize frame, Fit fit, const Distortion& distortion);

struct WarpOptions {
    Fit fit = Fit::kStretch;
    Interpolation interpolation = Interpolation::kBilinear;
    Border border = Border::kNearest;
    int fill = 0;  ///< value of a constant border, 0 to 255
};

/// Fills target, (frame.height, frame.width, source.channels) uint8, with the source seen through
/// fit and distortion.
void warp(
    const Image& source,
    FrameSize frame,
    const Distortion& distortion,
    const WarpOptions& options,
    std::uint8_t* target);

}  // namespace georgia
