#include "georgia/analysis/nearest.h"

#include <ATen/ATen.h>
#include <algorithm>
#include <limits>
#include <string>
#include <tuple>
#include <vector>

#include "georgia/base/error.h"

#include "analysis/points.h"

namespace georgia {
namespace {

constexpr std::int64_t kQueries = 512;  // at once: 16 MB of distances, memory that is used again
constexpr std::int64_t kPoints = 8192;
static_assert(kPoints % kQueries == 0, "queries that are points lie in one block of them");
constexpr std::int64_t kRefined = 1'000'000;  // values at once, in float64
constexpr std::int64_t kSpare = 6;  // candidates beyond k, whose order rounding may change

void check_count(std::int64_t k, std::int64_t most) {
    if (k < 1 || k > most)
        throw InvalidOption(
            "nearest", "k", "out of range", "1 to " + std::to_string(most), std::to_string(k));
}

/// Indices (n, up to k) of the points that are nearest by matrix products. Queries that are the
/// points from `own` on skip themselves; below 0 they are other vectors.
at::Tensor candidates(
    const Points& queries, const Points& points, std::int64_t k, std::int64_t own) {
    at::Tensor best;  // (n, up to k), squared
    at::Tensor places;
    for (std::int64_t first = 0; first < points.count(); first += kPoints) {
        const std::int64_t end = std::min(first + kPoints, points.count());
        at::Tensor found = squared_distances(queries, points.slice(first, end));
        if (own >= 0 && own < end && own + queries.count() > first)
            found.diagonal(own - first).fill_(std::numeric_limits<float>::infinity());
        const std::int64_t wanted = std::min(k, found.size(1));
        auto [values, where] = found.topk(wanted, 1, /*largest=*/false, /*sorted=*/true);
        where = where + first;
        if (best.defined()) {
            values = at::cat({best, values}, 1);
            where = at::cat({places, where}, 1);
            const auto [smallest, order] =
                values.topk(std::min(k, values.size(1)), 1, /*largest=*/false, /*sorted=*/true);
            values = smallest;
            where = where.gather(1, order);
        }
        best = values;
        places = where;
    }
    return places;
}

/// The k nearest of each query's candidates (n, m), by differences in float64.
Nearest refined(
    const at::Tensor& queries, const at::Tensor& points, const at::Tensor& places, std::int64_t k) {
    const at::Tensor rising = std::get<0>(places.sort(1));  // a tie goes to the lower index
    const at::Tensor offered =
        points.index_select(0, rising.flatten()).view({rising.size(0), rising.size(1), -1});
    const at::Tensor distances =
        at::cdist(queries.unsqueeze(1).to(at::kDouble), offered.to(at::kDouble), 2, 2).squeeze(1);
    const auto [sorted, order] = distances.sort(/*stable=*/true, 1, /*descending=*/false);
    return {
        sorted.slice(1, 0, k).to(at::kFloat).contiguous(), rising.gather(1, order.slice(1, 0, k))};
}

struct Wanted {
    std::int64_t k;
    std::int64_t most;  // points that may be found
    bool skips_itself;
};

Nearest search_about_zero(const Points& queries, const Points& points, const Wanted& wanted) {
    std::vector<at::Tensor> distances;
    std::vector<at::Tensor> indices;
    for (std::int64_t first = 0; first < queries.count(); first += kQueries) {
        const Points some = queries.slice(first, std::min(first + kQueries, queries.count()));
        const at::Tensor places = candidates(
            some,
            points,
            std::min(wanted.k + kSpare, wanted.most),
            wanted.skips_itself ? first : -1);
        const std::int64_t at_once =
            std::max<std::int64_t>(kRefined / (places.size(1) * points.rows.size(1)), 1);
        for (std::int64_t from = 0; from < some.count(); from += at_once) {
            const std::int64_t to = std::min(from + at_once, some.count());
            const Nearest found = refined(
                some.rows.slice(0, from, to), points.rows, places.slice(0, from, to), wanted.k);
            distances.push_back(found.distances);
            indices.push_back(found.indices);
        }
    }
    return {at::cat(distances), at::cat(indices)};
}

Nearest search(
    const at::Tensor& queries, const at::Tensor& points, std::int64_t k, bool skips_itself) {
    constexpr double kFar = 16;
    if (queries.size(0) == 0)
        return {queries.new_empty({0, k}), queries.new_empty({0, k}, at::kLong)};
    const Wanted wanted{k, points.size(0) - (skips_itself ? 1 : 0), skips_itself};
    Points among(points);
    const at::Tensor offset = offset_of(among, kFar);
    if (offset.defined()) among = Points(points - offset);
    if (skips_itself) return search_about_zero(among, among, wanted);
    return search_about_zero(Points(offset.defined() ? queries - offset : queries), among, wanted);
}

}  // namespace

Nearest nearest(const at::Tensor& queries, const at::Tensor& points, std::int64_t k) {
    check_count(k, points.size(0));
    if (queries.size(1) != points.size(1))
        throw InvalidOption(
            "nearest",
            "queries",
            "have other dimensions than the points",
            std::to_string(points.size(1)),
            std::to_string(queries.size(1)));
    return search(queries, points, k, /*skips_itself=*/false);
}

Nearest nearest_others(const at::Tensor& points, std::int64_t k) {
    check_count(k, points.size(0) - 1);
    return search(points, points, k, /*skips_itself=*/true);
}

at::Tensor of_length_one(const at::Tensor& rows) {
    return rows / rows.norm(2, 1, /*keepdim=*/true).clamp_min(1e-12);
}

}  // namespace georgia
