#include "georgia/analysis/pca.h"

#include <ATen/ATen.h>
#include <tuple>

#include "georgia/base/error.h"

#include "catch.h"
#include "nn/filler.h"

using namespace georgia;

namespace {

/// Points (count, 12) that differ 4 : 2 : 1 along three directions and little along the others.
at::Tensor stretched_points(std::int64_t count) {
    const at::Tensor raw = uniform_by_name("points", {count, 12}).to(at::kFloat);
    const at::Tensor turn =
        std::get<0>(at::linalg_qr(uniform_by_name("turn", {12, 12}).to(at::kFloat)));
    at::Tensor scales = at::full({12}, 0.1F);
    scales[0] = 4;
    scales[1] = 2;
    scales[2] = 1;
    return at::matmul(raw * scales, turn) + 7;
}

double worst_product(const at::Tensor& rows) {
    const at::Tensor products = at::matmul(rows, rows.t());
    return (products - at::eye(rows.size(0))).abs().max().item<double>();
}

}  // namespace

TEST_CASE("components are orthonormal, fixed in sign, and hold the variance of their projection") {
    for (const std::int64_t count : {400, 8}) {  // 8: fewer points than dimensions
        const at::Tensor points = stretched_points(count);
        const Pca found = fit_pca(points, {3});
        CHECK(worst_product(found.components) < 1e-5);
        const at::Tensor largest =
            found.components.gather(1, found.components.abs().argmax(1, true));
        CHECK((largest > 0).all().item<bool>());
        const at::Tensor variances = found.project(points).to(at::kDouble).var(0);
        CHECK(((variances - found.variances) / found.variances).abs().max().item<double>() < 1e-4);
        CHECK(
            found.total_variance ==
            Approx(points.to(at::kDouble).var(0).sum().item<double>()).epsilon(1e-5));
        CHECK(found.variances.sum().item<double>() > 0.97 * found.total_variance);
    }
}

TEST_CASE("randomised components are the exact ones where few directions hold all") {
    const at::Tensor points = stretched_points(500);
    const Pca exact = fit_pca(points, {3});
    const Pca randomised = fit_pca(points, {3, PcaMethod::kRandomised, 5});
    CHECK((exact.components - randomised.components).abs().max().item<double>() < 1e-4);
    CHECK(
        at::equal(
            randomised.components, fit_pca(points, {3, PcaMethod::kRandomised, 5}).components));
}

TEST_CASE("components beyond what the points span are orthonormal too") {
    const at::Tensor points = uniform_by_name("points", {3, 10}).to(at::kFloat);
    CHECK(worst_product(fit_pca(points, {3}).components) < 1e-5);
    CHECK(worst_product(fit_pca(at::ones({2, 7}), {2}).components) < 1e-5);
}

TEST_CASE("features of which most are nothing, or nearly, have components") {
    at::Tensor points = uniform_by_name("points", {128, 128}).to(at::kFloat);
    for (std::int64_t k = 0; k < 84; ++k) points.select(1, k).fill_(k % 2 == 0 ? 0 : 1e-30);
    const Pca found = fit_pca(points, {5});
    CHECK(found.components.isfinite().all().item<bool>());
    CHECK(worst_product(found.components) < 1e-5);
}

TEST_CASE("components beyond the points or the dimensions are refused") {
    const at::Tensor points = at::ones({5, 3});
    CHECK_THROWS_AS(fit_pca(points, {4}), InvalidOption);
    CHECK_THROWS_AS(fit_pca(points, {0}), InvalidOption);
    CHECK_THROWS_AS(fit_pca(at::ones({1, 3}), {1}), InvalidOption);
    const Pca found = fit_pca(points, {2});  // all points are one
    CHECK(found.variances.abs().max().item<double>() == 0);
    CHECK_THROWS_AS(found.project(at::ones({2, 4})), InvalidOption);
}
