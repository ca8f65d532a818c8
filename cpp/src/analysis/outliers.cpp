#include "georgia/analysis/outliers.h"

#include <ATen/ATen.h>
#include <algorithm>
#include <cmath>
#include <string>
#include <tuple>
#include <vector>

#include "georgia/analysis/nearest.h"
#include "georgia/base/error.h"
#include "georgia/base/random.h"

#include "analysis/spectrum.h"

namespace georgia {
namespace {

constexpr double kHeld = 0.95;  // of the variance
constexpr std::int64_t kMostDirections = 256;
constexpr std::int64_t kMostPoints = 2000;
constexpr std::int64_t kMostNeighbours = 50;
constexpr double kLeastVariance = 1e-12;

/// (K, D) of features (N, D).
at::Tensor means_by_class(
    const at::Tensor& features, const at::Tensor& labels, std::int64_t classes) {
    const at::Tensor members = at::one_hot(labels, classes).to(features.scalar_type());  // (N, K)
    const at::Tensor counts = members.sum(0);
    if ((counts == 0).any().item<bool>())
        throw InvalidOption("fit_outliers", "labels", "a class has no images");
    return at::matmul(members.t(), features) / counts.unsqueeze(1);
}

/// Up to so many rows, a sample that the seed decides, in order.
at::Tensor sample_of(const at::Tensor& rows, std::int64_t most, std::uint64_t seed) {
    const std::int64_t count = rows.size(0);
    if (count <= most) return rows;
    std::vector<std::int64_t> numbers(static_cast<std::size_t>(count));
    for (std::int64_t i = 0; i < count; ++i) numbers[static_cast<std::size_t>(i)] = i;
    RandomStream random({seed, 0, 0, Purpose::kOutliers});
    random.shuffle(numbers);
    numbers.resize(static_cast<std::size_t>(most));
    std::ranges::sort(numbers);
    return rows.index_select(0, at::tensor(numbers).to(rows.device()));
}

}  // namespace

at::Tensor PrincipalPart::weighed(const at::Tensor& vectors) const {
    const at::Tensor inside = at::matmul(vectors, basis).square();
    const at::Tensor outer = (vectors.square().sum(1) - inside.sum(1)).clamp_min(0);
    return (inside / variances).sum(1) + outer / rest;
}

at::Tensor PrincipalPart::outside(const at::Tensor& vectors) const {
    const at::Tensor inside = at::matmul(vectors, basis).square();
    return (vectors.square().sum(1) - inside.sum(1)).clamp_min(0);
}

PrincipalPart principal_part(const at::Tensor& vectors, std::int64_t groups) {
    const std::int64_t dimensions = vectors.size(1);
    const auto free = static_cast<double>(std::max<std::int64_t>(vectors.size(0) - groups, 1));
    const Spectrum spectrum(vectors);
    const at::Tensor variances = spectrum.values() / free;
    const double all = variances.sum().item<double>();
    const at::Tensor held = variances.cumsum(0);
    const std::int64_t enough = (held < kHeld * all).sum().item<std::int64_t>() + 1;
    const std::int64_t directions =
        std::min({enough, kMostDirections, variances.size(0), dimensions});
    const double inside = held[directions - 1].item<double>();
    const auto others = static_cast<double>(std::max<std::int64_t>(dimensions - directions, 1));
    return {
        spectrum.directions(directions).contiguous().to(at::kFloat),
        variances.slice(0, 0, directions).clamp_min(kLeastVariance).to(at::kFloat),
        std::max((all - inside) / others, kLeastVariance)};
}

OutlierModel fit_outliers(
    const at::Tensor& features,
    const at::Tensor& logits,
    const at::Tensor& labels,
    std::uint64_t seed) {
    const std::int64_t classes = logits.size(1);
    OutlierModel model;
    model.mean = features.mean(0);
    model.class_means = means_by_class(features, labels, classes);
    model.within = principal_part(features - model.class_means.index_select(0, labels), classes);
    const at::Tensor centred = features - model.mean;
    model.total = principal_part(centred, 1);
    const double residual = model.total.outside(centred).sqrt().mean().item<double>();
    const double largest = std::get<0>(logits.max(1)).mean().item<double>();
    model.residual_scale = residual > 0 ? std::abs(largest) / residual : 0;
    model.points = of_length_one(sample_of(features, kMostPoints, seed));
    const auto root = static_cast<std::int64_t>(
        std::lround(std::sqrt(static_cast<double>(model.points.size(0)))));
    model.neighbours = std::clamp<std::int64_t>(root, 1, kMostNeighbours);
    return model;
}

at::Tensor outlier_scores(
    const OutlierModel& model, const at::Tensor& features, const at::Tensor& logits) {
    const at::Tensor centred = features - model.mean;
    std::vector<at::Tensor> by_class;
    for (const at::Tensor& mean : model.class_means.unbind(0))
        by_class.push_back(model.within.weighed(features - mean));
    const at::Tensor mahalanobis = std::get<0>(at::stack(by_class).min(0));
    const at::Tensor energy = -logits.logsumexp(1);
    const at::Tensor residual = model.total.outside(centred).sqrt();
    const Nearest found = nearest(of_length_one(features), model.points, model.neighbours);
    return at::stack(
        {model.residual_scale * residual + energy,
         found.distances.select(1, model.neighbours - 1),
         mahalanobis,
         mahalanobis - model.total.weighed(centred),
         -std::get<0>(logits.softmax(1).max(1)),
         energy},
        1);
}

}  // namespace georgia
