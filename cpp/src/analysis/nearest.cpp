#include "georgia/analysis/nearest.h"

#include <ATen/ATen.h>
#include <algorithm>
#include <string>
#include <tuple>
#include <vector>

#include "georgia/base/error.h"

namespace georgia {
namespace {

constexpr std::int64_t kQueries = 1024;  // at once
constexpr std::int64_t kPoints = 16384;

/// Squared distances (n, N) of rows whose squared lengths are known.
at::Tensor squared_distances(
    const at::Tensor& queries, const at::Tensor& points, const at::Tensor& squared_lengths) {
    const at::Tensor own = queries.square().sum(1, /*keepdim=*/true);
    return at::addmm(own + squared_lengths, queries, points.t(), /*beta=*/1, /*alpha=*/-2)
        .clamp_min_(0);
}

}  // namespace

Nearest nearest(const at::Tensor& queries, const at::Tensor& points, std::int64_t k) {
    if (k < 1 || k > points.size(0))
        throw InvalidOption(
            "nearest",
            "k",
            "out of range",
            "1 to " + std::to_string(points.size(0)),
            std::to_string(k));
    if (queries.size(1) != points.size(1))
        throw InvalidOption(
            "nearest",
            "queries",
            "have other dimensions than the points",
            std::to_string(points.size(1)),
            std::to_string(queries.size(1)));
    const at::Tensor squared_lengths = points.square().sum(1);
    std::vector<at::Tensor> distances;
    std::vector<at::Tensor> indices;
    for (const at::Tensor& some : queries.split(kQueries)) {
        at::Tensor best;  // (n, up to k), squared
        at::Tensor places;
        for (std::int64_t first = 0; first < points.size(0); first += kPoints) {
            const std::int64_t end = std::min(first + kPoints, points.size(0));
            at::Tensor found = squared_distances(
                some, points.slice(0, first, end), squared_lengths.slice(0, first, end));
            at::Tensor where =
                at::arange(first, end, at::TensorOptions(at::kLong).device(points.device()))
                    .expand_as(found);
            if (best.defined()) {
                found = at::cat({best, found}, 1);
                where = at::cat({places, where}, 1);
            }
            const std::int64_t wanted = std::min(k, found.size(1));
            const auto [values, order] = found.topk(wanted, 1, /*largest=*/false, /*sorted=*/true);
            best = values;
            places = where.gather(1, order);
        }
        distances.push_back(best.sqrt());
        indices.push_back(places);
    }
    if (distances.empty()) return {queries.new_empty({0, k}), queries.new_empty({0, k}, at::kLong)};
    return {at::cat(distances), at::cat(indices)};
}

at::Tensor of_length_one(const at::Tensor& rows) {
    return rows / rows.norm(2, 1, /*keepdim=*/true).clamp_min(1e-12);
}

}  // namespace georgia
