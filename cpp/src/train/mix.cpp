#include "georgia/train/mix.h"

#include <ATen/ATen.h>
#include <algorithm>
#include <cmath>
#include <numeric>
#include <vector>

#include "georgia/data/batch.h"

namespace georgia {
namespace {

/// Gamma(shape, 1) by Marsaglia and Tsang, "A simple method for generating gamma variables",
/// ACM TOMS 2000; below 1 by their power of a uniform number.
double draw_gamma(double shape, RandomStream& random) {
    if (shape < 1) {
        const double power = std::pow(1 - random.uniform(), 1 / shape);
        return draw_gamma(shape + 1, random) * power;
    }
    const double d = shape - 1.0 / 3;
    const double c = 1 / std::sqrt(9 * d);
    while (true) {
        const double x = random.normal();
        const double root = 1 + c * x;
        if (root <= 0) continue;
        const double v = root * root * root;
        if (std::log(1 - random.uniform()) < x * x / 2 + d - d * v + d * std::log(v)) return d * v;
    }
}

/// Beta(alpha, alpha). Tiny alphas give two gammas that underflow: then it is one end or the other.
double draw_beta(double alpha, RandomStream& random) {
    const double one = draw_gamma(alpha, random);
    const double two = draw_gamma(alpha, random);
    return one + two > 0 ? one / (one + two) : (random.chance(0.5) ? 1 : 0);
}

struct Box {
    std::int64_t top, bottom, left, right;

    std::int64_t area() const {
        return (bottom - top) * (right - left);
    }
};

/// A box of a share of the plane, about a random centre and cut at the border.
Box draw_box(std::int64_t height, std::int64_t width, double share, RandomStream& random) {
    const double side = std::sqrt(share);
    const auto along = [&](std::int64_t size) {
        const auto half = static_cast<std::int64_t>(side * static_cast<double>(size)) / 2;
        const std::int64_t centre = random.below(static_cast<std::uint32_t>(size));
        return std::pair{std::max<std::int64_t>(centre - half, 0), std::min(centre + half, size)};
    };
    const auto [top, bottom] = along(height);
    const auto [left, right] = along(width);
    return {top, bottom, left, right};
}

/// An order in which no image keeps its place: neighbours of a shuffled ring.
at::Tensor draw_partners(std::int64_t count, RandomStream& random) {
    std::vector<std::int64_t> ring(static_cast<std::size_t>(count));
    std::iota(ring.begin(), ring.end(), std::int64_t{0});
    random.shuffle(ring);
    std::vector<std::int64_t> partners(ring.size());
    for (std::size_t i = 0; i < ring.size(); ++i)
        partners[static_cast<std::size_t>(ring[i])] = ring[(i + 1) % ring.size()];
    return at::tensor(partners, at::kLong);
}

}  // namespace

Targets mix_batch(
    at::Tensor& input, const at::Tensor& labels, const MixOptions& options, const RandomKey& key) {
    if (options.mixup == 0 && options.cutmix == 0) return {labels, {}, 1};
    RandomStream random(key);
    const bool is_cut = random.chance(0.5) ? options.cutmix > 0 : options.mixup == 0;
    const double share = draw_beta(is_cut ? options.cutmix : options.mixup, random);
    const at::Tensor partners = on_device(draw_partners(input.size(0), random), input.device());
    const at::Tensor others = labels.index_select(0, partners);
    if (!is_cut) {
        input = input * share + input.index_select(0, partners) * (1 - share);
        return {labels, others, share};
    }
    const Box box = draw_box(input.size(2), input.size(3), 1 - share, random);
    const auto boxed = [&](const at::Tensor& x) {
        return x.slice(2, box.top, box.bottom).slice(3, box.left, box.right);
    };
    const at::Tensor pasted = boxed(input).index_select(0, partners);
    boxed(input).copy_(pasted);
    const auto plane = static_cast<double>(input.size(2) * input.size(3));
    return {labels, others, 1 - static_cast<double>(box.area()) / plane};
}

}  // namespace georgia
