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
    kCrop,     ///< frame filled, the middle of the image visible
    kWindow    ///< nothing scaled: as much of the middle as the frame has pixels for
};
template <>
struct EnumNames<Fit> {
    static constexpr std::array<std::string_view, 4> kNames{"stretch", "pad", "crop", "window"};
};

enum class Interpolation { kNearest, kBilinear, kBicubic };
template <>
struct EnumNames<Interpolation> {
    static constexpr std::array<std::string_view, 3> kNames{"nearest", "bilinear", "bicubic"};
};

/// What lies outside the image.
enum class Border { kNearest, kReflect, kConstant };
template <>
struct EnumNames<Border> {
    static constexpr std::array<std::string_view, 3> kNames{"nearest", "reflect", "constant"};
};

/// A 3x3 matrix, by rows, that takes (x, y, 1) to (x' w, y' w, w); pixel centres stand at whole
/// numbers.
struct Homography {
    std::array<double, 9> m{1, 0, 0, 0, 1, 0, 0, 0, 1};

    /// First the other, then this.
    Homography operator*(const Homography& first) const;

    /// Whether w is 1 everywhere, so that parallels stay parallel.
    bool is_affine() const {
        return m[6] == 0 && m[7] == 0 && m[8] == 1;
    }
};

/// Random geometry about the centre of the frame, in units of its output. On its way into the frame
/// the image is cut to a part, transposed, mirrored, zoomed, sheared, turned, shifted and tilted.
struct Distortion {
    double rotation = 0;  ///< degrees, counter-clockwise
    double shift_x = 0;   ///< share of the width
    double shift_y = 0;   ///< share of the height
    double zoom_x = 1;    ///< above 1 magnifies
    double zoom_y = 1;
    double shear = 0;  ///< degrees
    bool flip_x = false;
    bool flip_y = false;
    bool is_transposed = false;  ///< rows become columns; where sides differ it stretches to fit
    double part = 1;             ///< share of each side of the frame that stays visible
    double part_x = 0.5;         ///< where that part lies: 0 left, 1 right
    double part_y = 0.5;         ///< 0 top, 1 bottom
    /// How far from each of the frame's corners lies what is seen there, in shares of a side: x and
    /// y, clockwise from the upper left, each less than a quarter.
    std::array<double, 8> corners{};

    bool operator==(const Distortion&) const = default;
};

/// Note [One interpolation]: the source is first averaged over k x k blocks, then fit and
/// distortion are one matrix and one interpolation. k follows from the fit alone, so turning or
/// shifting never changes the sharpness of what the network sees; magnifying does.
int box_reduction(FrameSize source, FrameSize frame, Fit fit, Interpolation interpolation);

/// Takes a pixel of the frame to a pixel of the source.
Homography frame_to_source(
    FrameSize source, FrameSize frame, Fit fit, const Distortion& distortion);

/// The two steps of a warp.
struct BoxedWarp {
    int reduction = 1;     ///< averages over blocks of that side come first
    Homography to_source;  ///< takes a pixel of the frame to a pixel of what they give
};

BoxedWarp boxed_warp(
    FrameSize source,
    FrameSize frame,
    Fit fit,
    Interpolation interpolation,
    const Distortion& distortion);

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
