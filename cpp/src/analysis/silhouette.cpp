#include "georgia/analysis/silhouette.h"

#include <ATen/ATen.h>
#include <algorithm>
#include <limits>
#include <string>
#include <tuple>
#include <vector>

#include "georgia/base/error.h"

namespace georgia {
namespace {

constexpr std::int64_t kRows = 512;  // at once
constexpr int kByProducts = 1;       // of at::cdist: squared lengths less twice the product

void check(const at::Tensor& points, const at::Tensor& labels, std::int64_t clusters) {
    if (clusters < 2)
        throw InvalidOption(
            "silhouettes", "clusters", "too few", "2 or more", std::to_string(clusters));
    if (points.size(0) == 0 || labels.size(0) != points.size(0) ||
        labels.min().item<std::int64_t>() < 0 || labels.max().item<std::int64_t>() >= clusters)
        throw InvalidOption("silhouettes", "labels", "expected one of each point, below clusters");
}

}  // namespace

at::Tensor silhouettes(
    const at::Tensor& points, const at::Tensor& labels, std::int64_t clusters, Progress& progress) {
    check(points, labels, clusters);
    const std::int64_t count = points.size(0);
    const float nowhere = std::numeric_limits<float>::infinity();
    const at::Tensor centred = points - points.mean(0);  // so that rounding takes less
    const at::Tensor members = at::one_hot(labels, clusters).to(at::kFloat);  // (N, K)
    const at::Tensor sizes = members.sum(at::IntArrayRef{0});                 // (K)
    std::vector<at::Tensor> values;
    for (std::int64_t first = 0; first < count; first += kRows) {
        progress.advance_or_throw({"measure", first, count});
        const std::int64_t end = std::min(first + kRows, count);
        const at::Tensor own = labels.slice(0, first, end).unsqueeze(1);  // (n, 1)
        const at::Tensor own_size = sizes.index_select(0, own.squeeze(1));
        const at::Tensor distances =
            at::cdist(centred.slice(0, first, end), centred, 2, kByProducts);  // (n, N)
        distances.diagonal(first).fill_(0);
        const at::Tensor sums = at::matmul(distances, members);  // (n, K)
        const at::Tensor inside = sums.gather(1, own).squeeze(1) / (own_size - 1).clamp_min(1);
        const at::Tensor to_others =
            at::where(sizes > 0, sums / sizes, nowhere).scatter(1, own, nowhere);
        const at::Tensor outside = std::get<0>(to_others.min(1));
        const at::Tensor value = (outside - inside) / at::maximum(inside, outside).clamp_min(1e-30);
        values.push_back(at::where(own_size > 1, value, at::zeros_like(value)));
    }
    progress.advance_or_throw({"measure", count, count});
    return at::cat(values).nan_to_num(0);  // all points in one cluster: there is no other
}

}  // namespace georgia
