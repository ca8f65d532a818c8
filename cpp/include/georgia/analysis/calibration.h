#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "georgia/base/options.h"

namespace georgia {

/// What logits are divided by so that their probabilities fit labels best (C. Guo et al., "On
/// calibration of modern neural networks", ICML 2017): least log loss, found by Newton's steps on
/// the inverse, in which the loss is convex. It never changes which class is the largest.
struct Temperature {
    double value = 1;
    double log_loss_before = 0;
    double log_loss_after = 0;
    bool is_bounded = false;  ///< the best lies beyond 1/100 to 100: all right, or useless
};

/// Logits are (N, K), finite; labels are class indices; there is one at least.
Temperature fit_temperature(
    std::span<const float> logits, std::int64_t classes, std::span<const std::int64_t> labels);

/// Mean log loss of logits (N, K) at a temperature, nats.
double log_loss_at(
    double temperature,
    std::span<const float> logits,
    std::int64_t classes,
    std::span<const std::int64_t> labels);

/// Probabilities (N, K) to a power, summing to 1 again: with 1 / t as of logits divided by t. Rows
/// of nothing stay so.
std::vector<float> tempered(std::span<const float> rows, std::int64_t classes, double power);

/// Answers of about the same confidence.
struct ReliabilityBin {
    double low = 0;  ///< confidences, of the bin's bounds
    double high = 0;
    std::int64_t count = 0;
    std::int64_t correct = 0;
    double confidence = 0;  ///< mean; 0 where the bin is empty
};

enum class Binning { kEqualWidth, kEqualMass };

template <>
struct EnumNames<Binning> {
    static constexpr std::array<std::string_view, 2> kNames{"equal width", "equal mass"};
};

/// How far confidence is from being right.
struct Calibration {
    std::vector<ReliabilityBin> bins;
    /// Expected calibration error: |accuracy - confidence|, weighted by bins' images (M. P. Naeini
    /// et al., AAAI 2015).
    double error = 0;
    /// Root of the squared gap, less what the bins' few images give by chance (A. Kumar et al.,
    /// "Verified uncertainty calibration", NeurIPS 2019); bins of one image are left out.
    double debiased = 0;
};

/// Of the largest probability of each image and whether it was right. Bins of equal mass hold equal
/// confidences together.
Calibration calibrate(
    std::span<const float> confidences,
    std::span<const bool> is_right,
    Binning binning,
    std::int64_t bins = 15);

}  // namespace georgia
