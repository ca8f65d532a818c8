#include "engine/device_values.h"

#include <ATen/ATen.h>
#include <algorithm>
#include <array>
#include <cmath>
#include <optional>
#include <vector>

#include "georgia/data/batch.h"

#include "nn/keyed_generator.h"

namespace georgia {
namespace {

/// A number of each image, (N, 1, 1, 1) on the frames' device.
template <class Number>
at::Tensor column(std::span<const Photometric> drawn, const at::Tensor& frames, Number number) {
    std::vector<float> values;
    for (const Photometric& one : drawn) values.push_back(static_cast<float>(number(one)));
    return on_device(at::tensor(values).view({-1, 1, 1, 1}), frames.device());
}

template <class Test>
bool any(std::span<const Photometric> drawn, Test test) {
    return std::ranges::any_of(drawn, test);
}

at::Tensor whole_levels(const at::Tensor& frames) {
    return frames.round().clamp(0, 255);
}

/// Of red, green and blue; weights of ITU-R 601.
at::Tensor mean_gray(const at::Tensor& frames) {
    const at::Tensor means = frames.mean({2, 3}, /*keepdim=*/true);
    if (frames.size(1) == 1) return means;
    return 0.299 * means.slice(1, 0, 1) + 0.587 * means.slice(1, 1, 2) +
           0.114 * means.slice(1, 2, 3);
}

/// Brightness, contrast and gamma.
at::Tensor curved(const at::Tensor& frames, std::span<const Photometric> drawn) {
    const auto numbers = [&](auto number) { return column(drawn, frames, number); };
    const at::Tensor contrast = numbers([](const Photometric& one) { return one.contrast; });
    const at::Tensor brightness = numbers([](const Photometric& one) { return one.brightness; });
    const at::Tensor gamma = numbers([](const Photometric& one) { return one.gamma; });
    const at::Tensor middle = mean_gray(frames) / 255;
    const at::Tensor line = middle + contrast * (frames / 255 - middle) + brightness;
    return whole_levels(255 * line.clamp(0, 1).pow(gamma));
}

/// Indices of `side` rows with so many more at each end, mirrored with the edge.
at::Tensor mirrored(std::int64_t side, std::int64_t more, const at::Device& device) {
    std::vector<std::int64_t> rows;
    for (std::int64_t at = -more; at < side + more; ++at) {
        const std::int64_t along = ((at % (2 * side)) + 2 * side) % (2 * side);
        rows.push_back(std::min(along, 2 * side - 1 - along));
    }
    return on_device(at::tensor(rows), device);
}

/// One Gaussian for each image, in rows of equal length (N, 2 radius + 1).
at::Tensor gaussians(std::span<const Photometric> drawn, std::int64_t radius) {
    std::vector<float> rows;
    for (const Photometric& one : drawn) {
        const auto reach = static_cast<std::int64_t>(3 * one.blur + 0.5);
        std::vector<double> row;
        double sum = 0;
        for (std::int64_t at = -radius; at <= radius; ++at) {
            const auto d = static_cast<double>(at);
            const bool is_within = one.blur > 0 ? std::abs(at) <= reach : at == 0;
            row.push_back(
                !is_within     ? 0
                : one.blur > 0 ? std::exp(-d * d / (2 * one.blur * one.blur))
                               : 1);
            sum += row.back();
        }
        for (const double value : row) rows.push_back(static_cast<float>(value / sum));
    }
    return at::tensor(rows).view({-1, 2 * radius + 1});
}

at::Tensor blurred(const at::Tensor& frames, std::span<const Photometric> drawn) {
    double widest = 0;
    for (const Photometric& one : drawn) widest = std::max(widest, one.blur);
    const auto radius = static_cast<std::int64_t>(3 * widest + 0.5);
    const std::int64_t planes = frames.size(0) * frames.size(1);
    const at::Device device = frames.device();
    at::Tensor kernels = on_device(gaussians(drawn, radius), device);
    kernels = kernels.repeat_interleave(frames.size(1), 0);
    at::Tensor padded = frames.index_select(2, mirrored(frames.size(2), radius, device))
                            .index_select(3, mirrored(frames.size(3), radius, device));
    padded = padded.reshape({1, planes, padded.size(2), padded.size(3)});
    const std::int64_t length = 2 * radius + 1;
    const std::optional<at::Tensor> no_bias;
    constexpr std::array<std::int64_t, 2> kNoPadding{0, 0};
    padded =
        at::conv2d(padded, kernels.view({planes, 1, length, 1}), no_bias, 1, kNoPadding, 1, planes);
    padded =
        at::conv2d(padded, kernels.view({planes, 1, 1, length}), no_bias, 1, kNoPadding, 1, planes);
    return whole_levels(padded.view(frames.sizes()));
}

at::Tensor noisy(const at::Tensor& frames, std::span<const Photometric> drawn) {
    at::Tensor noise = at::zeros_like(frames);
    for (std::size_t i = 0; i < drawn.size(); ++i) {
        if (drawn[i].noise == 0) continue;
        const RandomKey key{drawn[i].noise_seed, 0, 0, Purpose::kNoise};
        noise[static_cast<std::int64_t>(i)].normal_(
            0, 255 * drawn[i].noise, keyed_generator(key, frames.device()));
    }
    return whole_levels(frames + noise);
}

/// 1 within each image's rectangle, (N, 1, H, W).
at::Tensor holes(const at::Tensor& frames, std::span<const Photometric> drawn) {
    const auto within = [&](std::int64_t side, std::int64_t dim, auto length, auto place) {
        std::vector<float> first;
        std::vector<float> end;
        for (const Photometric& one : drawn) {
            const auto size = std::lround(length(one) * static_cast<double>(side));
            const auto room = side - size;
            const auto at = std::min(
                static_cast<std::int64_t>(place(one) * static_cast<double>(room + 1)), room);
            first.push_back(static_cast<float>(at));
            end.push_back(static_cast<float>(at + size));
        }
        const auto bounds = [&](const std::vector<float>& numbers) {
            return on_device(at::tensor(numbers).view({-1, 1}), frames.device());
        };
        const at::Tensor line = at::arange(side, frames.options()).unsqueeze(0);
        return (line >= bounds(first)).logical_and(line < bounds(end)).unsqueeze(dim);
    };
    const at::Tensor rows = within(
        frames.size(2),
        2,
        [](const Photometric& one) { return one.erased_height; },
        [](const Photometric& one) { return one.erased_y; });
    const at::Tensor columns = within(
        frames.size(3),
        1,
        [](const Photometric& one) { return one.erased_width; },
        [](const Photometric& one) { return one.erased_x; });
    return rows.logical_and(columns).unsqueeze(1);
}

}  // namespace

at::Tensor adjusted(at::Tensor frames, std::span<const Photometric> drawn) {
    const bool has_curve = any(drawn, [](const Photometric& one) {
        return one.brightness != 0 || one.contrast != 1 || one.gamma != 1;
    });
    const bool has_blur = any(drawn, [](const Photometric& one) { return one.blur > 0; });
    const bool has_noise = any(drawn, [](const Photometric& one) { return one.noise > 0; });
    const bool has_hole = any(drawn, [](const Photometric& one) {
        return one.erased_height > 0 && one.erased_width > 0;
    });
    at::Tensor alpha;
    if (frames.size(1) == 4) alpha = frames.slice(1, 3, 4);
    at::Tensor colours = frames;  // with alpha, as on the CPU, where it is put back at the end
    if (has_curve) colours = curved(colours, drawn);
    if (has_blur) colours = blurred(colours, drawn);
    if (has_noise) colours = noisy(colours, drawn);
    if (has_hole) {
        const at::Tensor mean = colours.mean({2, 3}, /*keepdim=*/true).round();
        colours = at::where(holes(colours, drawn), mean, colours);
    }
    return alpha.defined() ? at::cat({colours.slice(1, 0, 3), alpha}, 1) : colours;
}

}  // namespace georgia
