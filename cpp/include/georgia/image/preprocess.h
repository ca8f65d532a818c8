#pragma once

#include <tuple>
#include <vector>

#include "georgia/image/geometry.h"

namespace georgia {

/// What shines through a transparent pixel.
enum class Background { kWhite, kBlack };
template <>
struct EnumNames<Background> {
    static constexpr std::array<std::string_view, 2> kNames{"white", "black"};
};

/// The order in which a network takes the colours.
enum class ChannelOrder { kRgb, kBgr };
template <>
struct EnumNames<ChannelOrder> {
    static constexpr std::array<std::string_view, 2> kNames{"rgb", "bgr"};
};

/// From stored form to network input; one value, stored in the model file, the same in training,
/// evaluation, prediction and export.
struct Preprocess {
    std::int64_t height = 128;
    std::int64_t width = 128;
    std::int64_t channels = 3;
    std::vector<std::int64_t> depth{0, 65'535};  // (2) low, high
    std::vector<std::int64_t> crop{0, 0, 0, 0};  // (4) top, right, bottom, left
    Fit fit = Fit::kStretch;
    Interpolation interpolation = Interpolation::kBilinear;
    Border border = Border::kNearest;
    std::int64_t fill = 0;
    Background background = Background::kWhite;
    std::vector<double> mean{0.5, 0.5, 0.5};          // (channels), of pixels scaled to [0, 1]
    std::vector<double> deviation{0.25, 0.25, 0.25};  // (channels)
    ChannelOrder order = ChannelOrder::kRgb;          // of the input; mean and deviation are RGB
    bool jpeg_reduce = false;

    static constexpr auto fields() {
        using P = Preprocess;
        return std::tuple{
            Field<P, std::int64_t>{"height", &P::height, "pixels", "rows of the input", 1, 4096},
            Field<P, std::int64_t>{"width", &P::width, "pixels", "columns of the input", 1, 4096},
            Field<P, std::int64_t>{
                "channels", &P::channels, "", "1 gray, 3 RGB, 4 RGBA (alpha kept)", 1, 4},
            Field<P, std::vector<std::int64_t>>{
                "depth", &P::depth, "", "16-bit values that become 0 and 255", 0, 65'535},
            Field<P, std::vector<std::int64_t>>{
                "crop", &P::crop, "pixels", "cut away: top, right, bottom, left", 0, 32'766},
            Field<P, Fit>{"fit", &P::fit, "", "stretch, pad, crop or window"},
            Field<P, Interpolation>{
                "interpolation", &P::interpolation, "", "nearest, bilinear or bicubic"},
            Field<P, Border>{"border", &P::border, "", "nearest, reflect or constant"},
            Field<P, std::int64_t>{"fill", &P::fill, "", "value of a constant border", 0, 255},
            Field<P, Background>{"background", &P::background, "", "behind transparent pixels"},
            Field<P, std::vector<double>>{"mean", &P::mean, "", "subtracted, pixels in 0 to 1"},
            Field<P, std::vector<double>>{
                "deviation", &P::deviation, "", "divided by, after the mean", 1e-6},
            Field<P, ChannelOrder>{"order", &P::order, "", "rgb, or bgr as Caffe had it"},
            Field<P, bool>{
                "jpeg_reduce",
                &P::jpeg_reduce,
                "",
                "large JPEG files are reduced to 1/2, 1/4 or 1/8 while they are decoded: faster, "
                "and a little different"}};
    }

    void validate() const;

    bool operator==(const Preprocess&) const = default;

    FrameSize frame() const {
        return {static_cast<int>(height), static_cast<int>(width)};
    }

    /// Bytes of one image in a batch slot.
    std::size_t row_bytes() const {
        return static_cast<std::size_t>(height * width * channels);
    }
};

/// The preprocessing with a normalisation by name, for its number of channels: imagenet
/// (torchvision's), caffe (Keras's ResNets and VGG: BGR, less the mean, 0 to 255), unit (0 to 1),
/// centred (-1 to 1). Gray takes the mean of the three channels' numbers, alpha goes from 0 to 1.
Preprocess with_normalisation(Preprocess preprocess, std::string_view name);

/// The image with as many channels as the network takes, as large as it is.
Image with_channels_of(const Image& image, const Preprocess& preprocess);

/// The image as the network's channels, seen through fit and distortion, into one row of a slot:
/// target is (height, width, channels) uint8.
void place(
    const Image& image,
    const Preprocess& preprocess,
    const Distortion& distortion,
    std::uint8_t* target);

}  // namespace georgia
