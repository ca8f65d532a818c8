#pragma once

#include <ATen/core/Tensor.h>
#include <array>
#include <cstdint>
#include <string_view>

#include "georgia/base/options.h"

namespace georgia {

/// How foreign an image is; of all of them more is more foreign.
enum class OutlierScore {
    kVim,                  ///< H. Wang et al., "ViM", CVPR 2022
    kNeighbours,           ///< Y. Sun et al., "Out-of-distribution detection with deep nearest
                           ///< neighbors", ICML 2022
    kMahalanobis,          ///< K. Lee et al., NeurIPS 2018
    kRelativeMahalanobis,  ///< J. Ren et al., 2021
    kMaxSoftmax,           ///< D. Hendrycks, K. Gimpel, ICLR 2017
    kEnergy                ///< W. Liu et al., NeurIPS 2020
};

template <>
struct EnumNames<OutlierScore> {
    static constexpr std::array<std::string_view, 6> kNames{
        "vim", "neighbours", "mahalanobis", "relative mahalanobis", "softmax", "energy"};
};

inline constexpr std::size_t kOutlierScores = EnumNames<OutlierScore>::kNames.size();

/// Directions that hold most of some vectors' variance, and how much each other one has in the mean
/// (M. Tipping, C. Bishop, "Probabilistic principal component analysis", 1999): distances can then
/// be weighed in all dimensions though the vectors are fewer than those.
struct PrincipalPart {
    at::Tensor basis;      // (D, r) float32, orthonormal
    at::Tensor variances;  // (r) float32
    double rest = 0;       // variance of each of the other directions

    /// Squared distances (n), each direction by its deviation, of vectors (n, D) from 0.
    at::Tensor weighed(const at::Tensor& vectors) const;

    /// Squared lengths (n) outside the basis.
    at::Tensor outside(const at::Tensor& vectors) const;
};

/// Of vectors (N, D) float32 whose mean is 0 in each of `groups` parts: the fewest directions that
/// hold 95 % of the variance, 256 at most.
PrincipalPart principal_part(const at::Tensor& vectors, std::int64_t groups);

/// What is known of the images that a network was trained on; all float32.
struct OutlierModel {
    at::Tensor mean;            // (D)
    at::Tensor class_means;     // (K, D)
    PrincipalPart within;       // of features less their class's mean
    PrincipalPart total;        // of features less the mean
    double residual_scale = 0;  // ViM's: mean of the largest logit by mean length outside `total`
    at::Tensor points;          // (up to 2000, D), of length 1
    std::int64_t neighbours = 1;
};

/// Calls back with the name of every tensor of an outlier model, and the tensor.
template <class Model, class Visit>
void for_each_tensor(Model& model, Visit visit) {
    visit("mean", model.mean);
    visit("class_means", model.class_means);
    visit("within.basis", model.within.basis);
    visit("within.variances", model.within.variances);
    visit("total.basis", model.total.basis);
    visit("total.variances", model.total.variances);
    visit("points", model.points);
}

/// Of features (N, D), logits (N, K) and labels (N) int64 of training images that were not
/// augmented. Every class has one image at least.
OutlierModel fit_outliers(
    const at::Tensor& features,
    const at::Tensor& logits,
    const at::Tensor& labels,
    std::uint64_t seed);

/// All scores (n, 6) float32, in the order of OutlierScore.
at::Tensor outlier_scores(
    const OutlierModel& model, const at::Tensor& features, const at::Tensor& logits);

}  // namespace georgia
