#include "georgia/analysis/nearest.h"

#include <ATen/ATen.h>
#include <tuple>

#include "georgia/base/error.h"

#include "catch.h"
#include "nn/filler.h"

using namespace georgia;

TEST_CASE("the nearest are those of all distances, across blocks") {
    const at::Tensor points = uniform_by_name("points", {17'000, 8}).to(at::kFloat);
    const at::Tensor queries = uniform_by_name("queries", {1100, 8}).to(at::kFloat);
    const Nearest found = nearest(queries, points, 5);
    const at::Tensor some = queries.slice(0, 1020, 1030).to(at::kDouble);  // of both blocks
    const at::Tensor all =
        (some.unsqueeze(1) - points.to(at::kDouble).unsqueeze(0)).square().sum(2).sqrt();
    const auto [expected, order] = all.topk(5, 1, false, true);
    CHECK((found.distances.slice(0, 1020, 1030) - expected).abs().max().item<double>() < 1e-4);
    CHECK(at::equal(found.indices.slice(0, 1020, 1030), order));
}

TEST_CASE("each point's nearest others leave itself out, and equal points come by their index") {
    at::Tensor points = uniform_by_name("points", {17'500, 4}).to(at::kFloat) + 50;
    points[17'499] = points[3];
    points[9] = points[3];
    const Nearest found = nearest_others(points, 2);
    CHECK(found.indices[3][0].item<std::int64_t>() == 9);
    CHECK(found.indices[3][1].item<std::int64_t>() == 17'499);
    CHECK(found.distances[3].abs().max().item<double>() == 0);  // not what rounding leaves
    CHECK(found.indices[17'499][0].item<std::int64_t>() == 3);
    const at::Tensor own = at::arange(points.size(0), at::kLong).unsqueeze(1);
    CHECK_FALSE((found.indices == own).any().item<bool>());
    CHECK_THROWS_AS(nearest_others(points.slice(0, 0, 2), 2), InvalidOption);
}

TEST_CASE("points far from 0 keep their nearest") {
    const at::Tensor points = uniform_by_name("points", {500, 3}).to(at::kFloat) * 0.1 + 1000;
    const Nearest found = nearest_others(points, 5);
    const at::Tensor wide = points.to(at::kDouble);
    at::Tensor all = (wide.unsqueeze(1) - wide.unsqueeze(0)).square().sum(2).sqrt();
    all.fill_diagonal_(1e9);
    const auto [expected, order] = all.topk(5, 1, false, true);
    CHECK((found.distances - expected).abs().max().item<double>() < 1e-4);
}

TEST_CASE("a k beyond the points, and other dimensions, are refused") {
    const at::Tensor points = at::ones({3, 2});
    CHECK_THROWS_AS(nearest(points, points, 4), InvalidOption);
    CHECK_THROWS_AS(nearest(points, points, 0), InvalidOption);
    CHECK_THROWS_AS(nearest(at::ones({1, 3}), points, 1), InvalidOption);
    CHECK(nearest(at::ones({0, 2}), points, 2).distances.sizes() == at::IntArrayRef({0, 2}));
}

TEST_CASE("rows become of length one") {
    const at::Tensor rows = of_length_one(at::tensor({3.0F, 4.0F, 0.0F, 0.0F}).view({2, 2}));
    CHECK(rows[0][1].item<double>() == Approx(0.8));
    CHECK(rows[1].abs().max().item<double>() == 0);
}
