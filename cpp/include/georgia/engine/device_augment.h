#pragma once

#include <ATen/core/Tensor.h>
#include <optional>
#include <span>
#include <vector>

#include "georgia/base/parallel.h"
#include "georgia/data/sample.h"
#include "georgia/image/augment.h"

namespace georgia {

/// Where a split's images are to lie.
struct Placement {
    at::Device device;
    std::int64_t budget_bytes;
};

/// A split's images as bytes on a device, from which it makes augmented batches itself, so that
/// none are decoded or copied any more.
///
/// Note [The same augmentation on a device]: fit and distortion are the matrices of the CPU's warp,
/// given to the grid sampler; averages over blocks come first, values are changed in the order of
/// the CPU's. Bilinear pixels then differ by two levels at most, changed values by three,
/// perspective, where the CPU looks in 1/32 of a pixel, by nine (tested); noise has other numbers.
class DeviceImages {
  public:
    /// Empty where they would take more than the budget, which nothing but the files decides: a run
    /// that goes on has the same. Throws InvalidOption where the device has less, and what a file
    /// that cannot be read throws, if it is met before they are too many.
    static std::optional<DeviceImages> load(
        const std::vector<Sample>& samples,
        const Preprocess& preprocess,
        const DecodeLimits& limits,
        const Placement& placement,
        const Parallel& how);

    /// The same images for a frame of another size or fit; they are shared.
    DeviceImages seen_through(const Preprocess& preprocess) const {
        return {preprocess, device_, images_};
    }

    /// Samples seen through what was drawn for each: (N, C, H, W) float32 in levels, 0 to 255.
    at::Tensor frames(
        std::span<const std::int64_t> samples, std::span<const Augmentation> drawn) const;

    /// The same as network input: normalised, of that type, channels last.
    at::Tensor batch(
        std::span<const std::int64_t> samples,
        std::span<const Augmentation> drawn,
        at::ScalarType type) const;

  private:
    DeviceImages(Preprocess preprocess, at::Device device, std::vector<at::Tensor> images);

    at::Tensor warped(const at::Tensor& image, const Distortion& distortion) const;

    Preprocess preprocess_;
    at::Device device_;
    std::vector<at::Tensor> images_;  // by sample: (1, C, height, width) uint8
    at::Tensor mean_;                 // (C, 1, 1), in levels
    at::Tensor deviation_;
};

}  // namespace georgia
