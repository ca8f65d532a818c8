#include "georgia/analysis/kmeans.h"

#include <ATen/ATen.h>
#include <tuple>

#include "georgia/analysis/silhouette.h"
#include "georgia/base/error.h"

#include "catch.h"
#include "nn/filler.h"

using namespace georgia;

namespace {

/// Four clouds of 50 points about the corners of a square of so many deviations.
at::Tensor clouds(float apart) {
    const at::Tensor noise = uniform_by_name("clouds", {200, 6}).to(at::kFloat);
    const at::Tensor corner = at::arange(200, at::kLong).remainder(4);
    at::Tensor points = noise + 100;
    points.select(1, 0).add_(apart * corner.remainder(2));
    points.select(1, 1).add_(apart * corner.div(2, "floor"));
    return points;
}

/// Labels and inertia that plain Lloyd comes to.
std::pair<at::Tensor, double> plain_lloyd(const at::Tensor& points, at::Tensor centres) {
    at::Tensor labels;
    double inertia = 0;
    for (int round = 0; round < 200; ++round) {
        const auto [squared, nearest] =
            (points.unsqueeze(1) - centres.unsqueeze(0)).square().sum(2).min(1);
        inertia = squared.sum().item<double>();
        if (labels.defined() && at::equal(labels, nearest)) break;
        labels = nearest;
        for (std::int64_t k = 0; k < centres.size(0); ++k)
            centres[k] = points.index_select(0, (labels == k).nonzero().squeeze(1)).mean(0);
    }
    return {labels, inertia};
}

}  // namespace

TEST_CASE("bounds change nothing: labels and inertia are those of plain Lloyd") {
    Progress quiet;
    const at::Tensor points = uniform_by_name("spread", {900, 5}).to(at::kFloat) + 3;
    const at::Tensor centres = points.slice(0, 0, 12).clone();
    KMeansRequest request{12};
    request.centres = centres;
    const KMeans found = kmeans(points, request, quiet);
    const auto [labels, inertia] =
        plain_lloyd(points.to(at::kDouble), centres.to(at::kDouble).clone());
    CHECK(found.is_settled);
    CHECK(at::equal(found.labels, labels));
    CHECK(found.inertia == Approx(inertia).epsilon(1e-5));
    CHECK(found.course.size() > 3);
}

TEST_CASE("what is cut off has the labels and the inertia of its centres") {
    Progress quiet;
    const at::Tensor points = uniform_by_name("spread", {900, 5}).to(at::kFloat);
    const KMeans found = kmeans(points, {.clusters = 12, .starts = 1, .most_rounds = 2}, quiet);
    CHECK_FALSE(found.is_settled);
    const auto [squared, nearest] =
        (points.unsqueeze(1) - found.centres.unsqueeze(0)).square().sum(2).min(1);
    CHECK(at::equal(found.labels, nearest));
    CHECK(found.inertia == Approx(squared.sum().item<double>()).epsilon(1e-5));
}

TEST_CASE("inertia never rises, and ends as what was told") {
    Progress quiet;
    const at::Tensor points = uniform_by_name("spread", {2000, 9}).to(at::kFloat);
    const KMeans found = kmeans(points, {.clusters = 17, .starts = 2}, quiet);
    for (std::size_t i = 1; i < found.course.size(); ++i)
        CHECK(found.course[i] <= found.course[i - 1] * (1 + 1e-6));  // sums are of float32
    CHECK(found.course.back() == Approx(found.inertia).epsilon(1e-5));
}

TEST_CASE("clouds far apart are found from any seed, and equal seeds give equal results") {
    Progress quiet;
    const at::Tensor points = clouds(20);
    for (const std::uint64_t seed : {1, 2, 3}) {
        const KMeans found = kmeans(points, {.starts = 3, .seed = seed}, quiet);
        const at::Tensor first = found.labels.slice(0, 0, 4).repeat({50});
        CHECK(at::equal(found.labels, first));
        CHECK(std::get<0>(at::_unique(found.labels)).size(0) == 4);
        const KMeans again = kmeans(points, {.starts = 3, .seed = seed}, quiet);
        CHECK(at::equal(found.centres, again.centres));
    }
}

TEST_CASE("a cluster that lost its points takes the farthest; equal points fill few clusters") {
    Progress quiet;
    KMeansRequest request{3};
    request.centres = at::tensor({0.F, 0.F, 1000.F, 1000.F, 2000.F, 2000.F}).view({3, 2});
    const at::Tensor points =
        at::tensor({0.F, 0.F, 1.F, 0.F, 0.F, 1.F, 9.F, 9.F, -9.F, 9.F}).view({5, 2});
    const KMeans found = kmeans(points, request, quiet);
    CHECK(std::get<0>(at::_unique(found.labels)).size(0) == 3);
    CHECK(found.inertia < 3);
    const KMeans same = kmeans(at::ones({6, 2}), {.clusters = 3}, quiet);
    CHECK(same.inertia == 0);
    CHECK(same.is_settled);
}

TEST_CASE("a cluster of one point is not robbed for an empty one") {
    Progress quiet;
    KMeansRequest request{3};
    request.centres = at::tensor({0.1F, 150.F, 5000.F}).view({3, 1});
    const at::Tensor points = at::tensor({0.F, 0.1F, 0.2F, 100.F}).view({4, 1});
    const KMeans found = kmeans(points, request, quiet);
    CHECK(std::get<0>(at::_unique(found.labels)).size(0) == 3);
    CHECK(found.is_settled);
    CHECK(found.inertia == Approx(0.005).epsilon(1e-3));
}

TEST_CASE("what cannot be clustered is refused") {
    Progress quiet;
    at::Tensor points = at::ones({4, 2});
    CHECK_THROWS_AS(kmeans(points, {.clusters = 5}, quiet), InvalidOption);
    CHECK_THROWS_AS(kmeans(points, {.clusters = 0}, quiet), InvalidOption);
    KMeansRequest request{2};
    request.centres = at::ones({2, 3});
    CHECK_THROWS_AS(kmeans(points, request, quiet), InvalidOption);
    points[0][0] = NAN;
    CHECK_THROWS_AS(kmeans(points, {.clusters = 2}, quiet), InvalidOption);
}

TEST_CASE("silhouettes are those of all distances") {
    Progress quiet;
    const at::Tensor points = clouds(1);
    at::Tensor labels = at::arange(200, at::kLong).remainder(4);
    labels[199] = 4;  // alone
    const at::Tensor found = silhouettes(points, labels, 6, quiet);
    CHECK(found[199].item<double>() == 0);
    const at::Tensor distances =
        (points.unsqueeze(1) - points.unsqueeze(0)).to(at::kDouble).square().sum(2).sqrt();
    const auto mean_to = [&](std::int64_t point, std::int64_t cluster) {
        const at::Tensor members = (labels == cluster).nonzero().squeeze(1);
        const bool is_own = labels[point].item<std::int64_t>() == cluster;
        return distances[point].index_select(0, members).sum().item<double>() /
               static_cast<double>(members.size(0) - (is_own ? 1 : 0));
    };
    for (const std::int64_t point : {0, 57, 150}) {
        const std::int64_t own = labels[point].item<std::int64_t>();
        double next = 1e9;
        for (std::int64_t k = 0; k < 5; ++k)
            if (k != own) next = std::min(next, mean_to(point, k));
        const double inside = mean_to(point, own);
        CHECK(
            found[point].item<double>() ==
            Approx((next - inside) / std::max(next, inside)).margin(1e-4));
    }
    CHECK_THROWS_AS(silhouettes(points, labels, 4, quiet), InvalidOption);
    CHECK_THROWS_AS(silhouettes(points, labels, 1, quiet), InvalidOption);
}
