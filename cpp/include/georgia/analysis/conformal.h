#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string_view>
#include <tuple>
#include <vector>

#include "georgia/base/options.h"

namespace georgia {

/// What prediction sets promise, and how a class gets into one.
enum class ConformalKind {
    kMarginal,  ///< of all images together; classes of at least a probability
    kByClass,   ///< of every true class by itself; a probability for each class
    kAdaptive   ///< of all together; the best classes up to a sum, many of them penalised (RAPS)
};

template <>
struct EnumNames<ConformalKind> {
    static constexpr std::array<std::string_view, 3> kNames{"marginal", "by class", "adaptive"};
};

struct ConformalOptions {
    ConformalKind kind = ConformalKind::kMarginal;
    double alpha = 0.1;
    double penalty = 0.01;
    std::int64_t free = 1;

    static constexpr auto fields() {
        using C = ConformalOptions;
        return std::tuple{
            Field<C, ConformalKind>{"kind", &C::kind, "", "marginal, by class or adaptive"},
            Field<C, double>{
                "alpha", &C::alpha, "", "how often a set may lack the true class", 0, 1},
            Field<C, double>{
                "penalty", &C::penalty, "", "adaptive: of each class behind the free ones", 0, 1},
            Field<C, std::int64_t>{
                "free", &C::free, "classes", "adaptive: without a penalty", 0, 1'000'000}};
    }

    void validate() const {
        check_ranges(*this);
    }

    bool operator==(const ConformalOptions&) const = default;
};

/// Thresholds of strangeness that a set's classes stay below.
struct Conformal {
    ConformalOptions options;
    std::vector<double> thresholds;  ///< one, or one for each class
};

/// Images whose labels are known and which trained nothing; equal numbers are one group.
struct CalibrationImages {
    std::span<const float> rows;  ///< (N, K) probabilities
    std::span<const std::int64_t> labels;
    std::span<const std::int64_t> groups;
};

/// Note [Sets by groups]: an image of a new group lies in its set with probability 1 - alpha at
/// least, if groups are exchangeable, whatever the network: each group weighs the same, and one
/// more stands for the new one (Y. Lee, R. F. Barber, R. Willett, "Distribution-free inference with
/// hierarchical data", 2023; of groups of one image it is split conformal prediction, V. Vovk et
/// al., "Algorithmic learning in a random world", 2005). Adaptive sets: A. Angelopoulos et al.,
/// "Uncertainty sets for image classifiers", ICLR 2021, not randomised, which makes them larger.
///
/// Throws InvalidOption where alpha is less than 1 / (groups + 1), which no calibration can
/// promise; by class, groups are those that hold the class.
Conformal fit_conformal(
    const CalibrationImages& images, std::int64_t classes, const ConformalOptions& options);

/// 1 where a class lies in an image's set, (N, K); the best class always does.
std::vector<std::uint8_t> prediction_sets(
    std::span<const float> rows, std::int64_t classes, const Conformal& conformal);

/// The highest threshold of a score, at or above which an image counts as found, that misses at
/// most a share alpha of a new group's images of what is sought, in the mean over groups (A.
/// Angelopoulos et al., "Conformal risk control", ICLR 2024). `scores` are of images of what is
/// sought alone. Throws InvalidOption as fit_conformal does.
double threshold_for_missed_rate(
    std::span<const float> scores, std::span<const std::int64_t> groups, double alpha);

}  // namespace georgia
