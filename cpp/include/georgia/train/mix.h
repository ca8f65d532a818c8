#pragma once

#include <ATen/core/Tensor.h>
#include <tuple>

#include "georgia/base/options.h"
#include "georgia/base/random.h"
#include "georgia/train/loss.h"

namespace georgia {

/// Mixing pairs of images and their labels; off at 0. With both on, each batch takes one of them.
struct MixOptions {
    double mixup = 0;
    double cutmix = 0;

    static constexpr auto fields() {
        using M = MixOptions;
        return std::tuple{
            Field<M, double>{
                "mixup", &M::mixup, "", "shares drawn from Beta(mixup, mixup); 0: off", 0, 100},
            Field<M, double>{
                "cutmix", &M::cutmix, "", "areas drawn from Beta(cutmix, cutmix); 0: off", 0, 100}};
    }

    void validate() const {
        check_ranges(*this);
    }

    bool operator==(const MixOptions&) const = default;
};

/// Mixes each image of a batch, (N, C, H, W), with another one, and says which labels they have
/// and with which share. mixup (Zhang et al., ICLR 2018) blends; cutmix (Yun et al., ICCV 2019)
/// pastes a rectangle of the other image, and the share is that of the area that is left.
Targets mix_batch(
    at::Tensor& input, const at::Tensor& labels, const MixOptions& options, const RandomKey& key);

}  // namespace georgia
