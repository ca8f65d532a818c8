#include "image/noise.h"

#include <algorithm>
#include <array>
#include <cmath>

namespace georgia {
namespace {

constexpr std::size_t kSlices = 256;
constexpr int kFraction = 12;  // bits behind the point

constexpr double density(double x) {
    double term = 1;  // of exp(x * x / 2)
    double sum = 1;
    for (int i = 1; i < 30; ++i) sum += term *= x * x / 2 / i;
    return 0.3989422804014327 / sum;
}

/// Share of the normal distribution between 0 and x.
constexpr double share_below(double x) {
    double term = x;
    double sum = x;
    for (int i = 1; i < 30; ++i) sum += term *= x * x / (2 * i + 1);
    return density(x) * sum;
}

constexpr double square_root(double x) {
    double root = x;
    for (int i = 0; i < 20; ++i) root = (root + x / root) / 2;
    return root;
}

/// Means of equally likely slices, scaled so that the sum of two of them has variance 1.
constexpr std::array<double, kSlices> make_slices() {
    std::array<double, kSlices> means{};
    double edge = 0;
    double squares = 0;
    for (std::size_t i = kSlices / 2; i < kSlices; ++i) {
        double next = edge;
        const double share = static_cast<double>(i + 1) / kSlices - 0.5;
        const bool is_last = i + 1 == kSlices;
        for (int step = 0; step < 6 && !is_last; ++step)  // Newton
            next += (share - share_below(next)) / density(next);
        means[i] = kSlices * (density(edge) - (is_last ? 0 : density(next)));
        means[kSlices - 1 - i] = -means[i];
        squares += 2 * means[i] * means[i] / kSlices;
        edge = next;
    }
    const double scale = 1 / square_root(2 * squares);
    for (double& mean : means) mean *= scale;
    return means;
}

constexpr std::array<double, kSlices> kNormalSlices = make_slices();

}  // namespace

void add_noise(std::span<std::uint8_t> values, double deviation, const RandomKey& key) {
    std::array<std::int32_t, kSlices> table{};
    for (std::size_t i = 0; i < kSlices; ++i)
        table[i] =
            static_cast<std::int32_t>(std::lround(kNormalSlices[i] * deviation * (1 << kFraction)));
    const auto noisy = [&](std::uint8_t value, std::uint32_t bits) {
        const std::int32_t noise = table[bits & 0xFF] + table[bits >> 8 & 0xFF];
        const std::int32_t half = 1 << (kFraction - 1);
        const std::int32_t sum = ((value << kFraction) + noise + half) >> kFraction;
        return static_cast<std::uint8_t>(std::clamp(sum, 0, 255));
    };
    RandomStream random(key);
    std::array<std::uint32_t, 512> words;  // each serves two values
    while (!values.empty()) {
        const std::span part = values.first(std::min(values.size(), 2 * words.size()));
        random.fill(std::span(words).first((part.size() + 1) / 2));
        for (std::size_t i = 0; i + 1 < part.size(); i += 2) {
            const std::uint32_t word = words[i / 2];
            part[i] = noisy(part[i], word);
            part[i + 1] = noisy(part[i + 1], word >> 16);
        }
        if (part.size() % 2 == 1) part.back() = noisy(part.back(), words[part.size() / 2]);
        values = values.subspan(part.size());
    }
}

}  // namespace georgia
