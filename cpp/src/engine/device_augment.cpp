#include "georgia/engine/device_augment.h"

#include <ATen/ATen.h>
#include <algorithm>
#include <array>
#include <atomic>
#include <utility>

#include "georgia/base/error.h"
#include "georgia/data/batch.h"

#include "engine/device_values.h"

namespace georgia {
namespace {

/// (1, C, height, width) of an image with the network's channels.
at::Tensor tensor_of(const Image& image) {
    const at::Tensor rows = at::empty({1, image.height, image.width, image.channels}, at::kByte);
    std::copy(image.pixels.begin(), image.pixels.end(), rows.data_ptr<std::uint8_t>());
    return rows.permute({0, 3, 1, 2});
}

std::int64_t interpolation_of(Interpolation interpolation) {
    if (interpolation == Interpolation::kNearest) return 1;  // as the grid sampler counts them
    return interpolation == Interpolation::kBicubic ? 2 : 0;
}

std::int64_t padding_of(Border border) {
    if (border == Border::kReflect) return 2;
    return border == Border::kConstant ? 0 : 1;
}

/// Where each pixel of the frame looks in an image of that size: (1, H, W, 2) in the grid
/// sampler's units, in which the image's edges are at -1 and 1.
at::Tensor grid_of(const Homography& matrix, FrameSize frame, FrameSize size, at::Device device) {
    const auto options = at::TensorOptions(at::kFloat).device(device);
    const at::Tensor u = at::arange(frame.width, options).view({1, 1, -1});
    const at::Tensor v = at::arange(frame.height, options).view({1, -1, 1});
    const auto& m = matrix.m;
    const at::Tensor w = m[6] * u + m[7] * v + m[8];
    const at::Tensor x = (m[0] * u + m[1] * v + m[2]) / w;
    const at::Tensor y = (m[3] * u + m[4] * v + m[5]) / w;
    return at::stack({(2 * x + 1) / size.width - 1, (2 * y + 1) / size.height - 1}, -1);
}

}  // namespace

DeviceImages::DeviceImages(Preprocess preprocess, at::Device device, std::vector<at::Tensor> images)
    : preprocess_(std::move(preprocess)), device_(device), images_(std::move(images)) {
    std::vector<double> mean = preprocess_.mean;
    std::vector<double> deviation = preprocess_.deviation;
    for (std::vector<double>* numbers : {&mean, &deviation})
        for (double& number : *numbers) number *= 255;
    mean_ = at::tensor(mean, at::kFloat).view({-1, 1, 1}).to(device);
    deviation_ = at::tensor(deviation, at::kFloat).view({-1, 1, 1}).to(device);
}

std::optional<DeviceImages> DeviceImages::load(
    const std::vector<Sample>& samples,
    const Preprocess& preprocess,
    const DecodeLimits& limits,
    const Placement& placement,
    const Parallel& how) {
    const Reading reading = reading_for_frame(preprocess, limits);
    std::vector<at::Tensor> images(samples.size());
    std::atomic<std::int64_t> left = placement.budget_bytes;
    for_each_number(samples.size(), how, [&](std::size_t i) {
        if (left < 0) return;
        const Image image =
            with_channels_of(*georgia::load(samples[i].source, reading), preprocess);
        left -= static_cast<std::int64_t>(image.pixels.size());
        if (left < 0) return;
        try {
            images[i] = on_device(tensor_of(image), placement.device);
        } catch (const c10::OutOfMemoryError&) {
            throw InvalidOption("train", "device_mib", "the GPU has not so much memory to spare");
        }
    });
    if (left < 0) return {};
    return DeviceImages(preprocess, placement.device, std::move(images));
}

at::Tensor DeviceImages::warped(const at::Tensor& image, const Distortion& distortion) const {
    const FrameSize frame = preprocess_.frame();
    const FrameSize size{static_cast<int>(image.size(2)), static_cast<int>(image.size(3))};
    const BoxedWarp warp =
        boxed_warp(size, frame, preprocess_.fit, preprocess_.interpolation, distortion);
    at::Tensor values = image.to(at::kFloat);
    if (warp.reduction > 1) values = at::avg_pool2d(values, warp.reduction, warp.reduction).round();
    const FrameSize reduced{static_cast<int>(values.size(2)), static_cast<int>(values.size(3))};
    const bool is_constant = preprocess_.border == Border::kConstant;
    const auto fill = static_cast<double>(preprocess_.fill);
    if (is_constant) values = values - fill;
    values = at::grid_sampler(
        values,
        grid_of(warp.to_source, frame, reduced, image.device()),
        interpolation_of(preprocess_.interpolation),
        padding_of(preprocess_.border),
        /*align_corners=*/false);
    if (is_constant) values = values + fill;
    return values.round().clamp(0, 255);
}

at::Tensor DeviceImages::frames(
    std::span<const std::int64_t> samples, std::span<const Augmentation> drawn) const {
    std::vector<at::Tensor> frames;
    std::vector<Photometric> values;
    for (std::size_t i = 0; i < samples.size(); ++i) {
        frames.push_back(warped(images_[static_cast<std::size_t>(samples[i])], drawn[i].places));
        values.push_back(drawn[i].values);
    }
    return adjusted(at::cat(frames), values);
}

at::Tensor DeviceImages::batch(
    std::span<const std::int64_t> samples,
    std::span<const Augmentation> drawn,
    at::ScalarType type) const {
    at::Tensor input = (frames(samples, drawn) - mean_) / deviation_;
    if (preprocess_.order == ChannelOrder::kBgr && input.size(1) >= 3) {
        std::vector<at::Tensor> planes = input.split(1, 1);
        std::swap(planes[0], planes[2]);
        input = at::cat(planes, 1);
    }
    return input.to(type).contiguous(at::MemoryFormat::ChannelsLast);
}

}  // namespace georgia
