#include "georgia/analysis/pca.h"

#include <ATen/ATen.h>
#include <algorithm>
#include <string>
#include <tuple>
#include <vector>

#include "georgia/base/error.h"
#include "georgia/base/random.h"

#include "analysis/points.h"
#include "analysis/spectrum.h"

namespace georgia {
namespace {

constexpr std::int64_t kMoreDirections = 10;  // than components: they make those precise
constexpr int kPowers = 7;

struct Directions {
    at::Tensor columns;  // (D, r) float64, orthonormal
    at::Tensor squares;  // (r) float64, of the points' coordinates along them
    double total = 0;    // the same along all directions
};

/// Sum of squared distances to the mean.
double squared_spread(const at::Tensor& points, const at::Tensor& mean) {
    double sum = 0;
    for (const at::Tensor& rows : points.split(rows_at_once(points.size(1))))
        sum += (rows - mean).square_().sum(1).sum(at::kDouble).item<double>();
    return sum;
}

at::Tensor random_columns(std::int64_t rows, std::int64_t columns, std::uint64_t seed) {
    RandomStream random({seed, 0, 0, Purpose::kProjection});
    std::vector<float> values(static_cast<std::size_t>(rows * columns));
    for (float& value : values) value = static_cast<float>(random.normal());
    return at::tensor(values).view({rows, columns});
}

at::Tensor orthonormal(const at::Tensor& columns) {
    return std::get<0>(at::linalg_qr(columns));
}

/// By powers of the covariance. The mean is taken off the products, never off the points: those
/// are not copied.
Directions randomised(
    const at::Tensor& points, const at::Tensor& mean, std::int64_t count, std::uint64_t seed) {
    const std::int64_t most = std::min(points.size(0), points.size(1));
    const std::int64_t width = std::min(count + kMoreDirections, most);
    const auto times = [&](const at::Tensor& columns) {  // (N, width) of centred points
        return at::matmul(points, columns) - at::matmul(mean, columns);
    };
    at::Tensor basis = orthonormal(random_columns(points.size(1), width, seed));
    for (int power = 0; power < kPowers; ++power) {
        const at::Tensor along = times(basis);
        const at::Tensor back =
            at::matmul(points.t(), along) - at::outer(mean, along.sum(at::IntArrayRef{0}));
        basis = orthonormal(back);
    }
    const Spectrum spectrum(times(basis));
    return {
        at::matmul(basis.to(at::kDouble), spectrum.directions(count)),
        spectrum.values().slice(0, 0, count),
        squared_spread(points, mean)};
}

Directions exact(const at::Tensor& points, const at::Tensor& mean, std::int64_t count) {
    const Spectrum spectrum(points - mean);
    return {spectrum.directions(count), spectrum.values().slice(0, 0, count), spectrum.total()};
}

/// Turns each column so that its largest entry is positive: the sign of a direction means nothing,
/// and would else change from machine to machine.
at::Tensor with_fixed_signs(const at::Tensor& columns) {
    const at::Tensor largest = columns.abs().argmax(0, /*keepdim=*/true);
    const at::Tensor signs = columns.gather(0, largest).sign();
    return columns * at::where(signs == 0, at::ones_like(signs), signs);
}

}  // namespace

at::Tensor Pca::project(const at::Tensor& rows) const {
    if (rows.size(1) != mean.size(0))
        throw InvalidOption(
            "pca",
            "rows",
            "have other dimensions than the points",
            std::to_string(mean.size(0)),
            std::to_string(rows.size(1)));
    return at::matmul(rows - mean, components.t());
}

Pca fit_pca(const at::Tensor& points, const PcaRequest& request) {
    const std::int64_t count = points.size(0);
    const std::int64_t most = std::min(count, points.size(1));
    if (count < 2)
        throw InvalidOption("pca", "points", "too few", "2 or more", std::to_string(count));
    if (request.components < 1 || request.components > most)
        throw InvalidOption(
            "pca",
            "components",
            "out of range",
            "1 to " + std::to_string(most),
            std::to_string(request.components));
    const auto free = static_cast<double>(count - 1);
    const at::Tensor mean = mean_of(points);
    const Directions found = request.method == PcaMethod::kExact
                                 ? exact(points, mean, request.components)
                                 : randomised(points, mean, request.components, request.seed);
    return {
        mean,
        with_fixed_signs(found.columns).t().contiguous().to(at::kFloat),
        (found.squares / free).contiguous(),
        found.total / free};
}

}  // namespace georgia
