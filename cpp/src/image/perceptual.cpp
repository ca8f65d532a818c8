#include "image/perceptual.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <numbers>
#include <numeric>
#include <opencv2/imgproc.hpp>
#include <unordered_map>
#include <vector>

#include "georgia/image/fingerprint.h"

namespace georgia {
namespace {

constexpr int kSide = 32;
constexpr int kFrequencies = 8;

/// Rows are cosines of rising frequency.
cv::Matx<float, kFrequencies, kSide> cosines() {
    cv::Matx<float, kFrequencies, kSide> basis;
    for (int u = 0; u < kFrequencies; ++u)
        for (int x = 0; x < kSide; ++x)
            basis(u, x) =
                static_cast<float>(std::cos(std::numbers::pi * u * (2 * x + 1) / (2 * kSide)));
    return basis;
}

using Small = cv::Matx<float, kSide, kSide>;

/// Borders of 32 parts of a side, the same from either end as far as whole pixels allow, so that
/// mirrored pictures have mirrored parts.
std::array<int, kSide + 1> borders(int side) {
    std::array<int, kSide + 1> places{};
    for (int i = 0; i <= kSide / 2; ++i) {
        places[static_cast<std::size_t>(i)] = i * side / kSide;
        places[static_cast<std::size_t>(kSide - i)] = side - i * side / kSide;
    }
    return places;
}

/// Means of 32 x 32 blocks: what area interpolation would give but for the blocks' whole sides, and
/// faster.
Small block_means(const cv::Mat& gray) {
    const auto rows = borders(gray.rows);
    const auto columns = borders(gray.cols);
    Small means;
    std::vector<std::uint32_t> sums(static_cast<std::size_t>(gray.cols));
    for (std::size_t i = 0; i < kSide; ++i) {
        std::ranges::fill(sums, 0);
        for (int y = rows[i]; y < rows[i + 1]; ++y) {
            const auto* row = gray.ptr<std::uint8_t>(y);
            for (std::size_t x = 0; x < sums.size(); ++x) sums[x] += row[x];
        }
        for (std::size_t j = 0; j < kSide; ++j) {
            const std::uint64_t total = std::accumulate(
                sums.begin() + columns[j], sums.begin() + columns[j + 1], std::uint64_t{0});
            const int count = (rows[i + 1] - rows[i]) * (columns[j + 1] - columns[j]);
            means(static_cast<int>(i), static_cast<int>(j)) =
                static_cast<float>(static_cast<double>(total) / count);
        }
    }
    return means;
}

Small resized(const cv::Mat& gray) {
    cv::Mat small;
    cv::resize(gray, small, {kSide, kSide}, 0, 0, cv::INTER_AREA);
    Small pixels;
    small.convertTo(cv::Mat(pixels, false), CV_32F);
    return pixels;
}

std::uint64_t transposed(std::uint64_t hash) {
    std::uint64_t swapped = 0;
    for (int bit = 0; bit < 64; ++bit)
        if ((hash >> bit & 1) != 0) swapped |= std::uint64_t{1} << ((bit % 8) * 8 + bit / 8);
    return swapped;
}

}  // namespace

std::uint64_t perceptual_hash(const cv::Mat& gray) {
    static const auto basis = cosines();
    const Small pixels =
        std::min(gray.rows, gray.cols) >= 2 * kSide ? block_means(gray) : resized(gray);
    const auto coefficients = basis * pixels * basis.t();
    std::uint64_t hash = 0;
    constexpr float kNothing = 0.01F;  // a flat picture leaves rounding noise
    for (int bit = 1; bit < 64; ++bit)
        if (coefficients.val[bit] > kNothing) hash |= std::uint64_t{1} << bit;
    return hash;
}

std::array<std::uint64_t, 8> oriented_hashes(std::uint64_t hash) {
    constexpr std::uint64_t kOddColumns = 0xAAAAAAAAAAAAAAAA;
    constexpr std::uint64_t kOddRows = 0xFF00FF00FF00FF00;
    std::array<std::uint64_t, 8> hashes{};
    for (std::size_t turn = 0; turn < 4; ++turn) {
        const std::uint64_t mirrored =
            hash ^ ((turn & 1) != 0 ? kOddColumns : 0) ^ ((turn & 2) != 0 ? kOddRows : 0);
        hashes[turn] = mirrored;
        hashes[turn + 4] = transposed(mirrored);
    }
    return hashes;
}

int perceptual_distance(std::uint64_t left, std::uint64_t right) {
    int least = 64;
    for (const std::uint64_t hash : oriented_hashes(left))
        least = std::min(least, std::popcount(hash ^ right));
    return least;
}

std::vector<std::pair<std::int64_t, std::int64_t>> near_pairs(
    const std::vector<std::uint64_t>& hashes, int max_distance, bool only_joining) {
    // Cut into more bands than bits may differ, two near hashes agree in one band at least.
    const int bands = std::clamp(max_distance + 1, 1, 64);
    std::vector<std::pair<std::int64_t, std::int64_t>> pairs;
    std::vector<std::unordered_map<std::uint64_t, std::vector<std::size_t>>> seen(
        static_cast<std::size_t>(bands));
    std::vector<std::size_t> parents(hashes.size());  // disjoint sets (Tarjan), halving paths
    std::iota(parents.begin(), parents.end(), std::size_t{0});
    const auto root = [&](std::size_t i) {
        for (; parents[i] != i; i = parents[i]) parents[i] = parents[parents[i]];
        return i;
    };
    const auto joins = [&](std::size_t i, std::size_t j) {
        const bool is_new = root(i) != root(j);
        parents[root(j)] = root(i);
        return is_new;
    };
    const auto band_of = [&](std::uint64_t hash, int band) {
        const int first = 64 * band / bands;
        const int width = 64 * (band + 1) / bands - first;
        return width == 64 ? hash : hash >> first & ((std::uint64_t{1} << width) - 1);
    };
    for (std::size_t j = 0; j < hashes.size(); ++j) {
        std::vector<std::int64_t> found;
        for (const std::uint64_t hash : oriented_hashes(hashes[j]))
            for (int band = 0; band < bands; ++band) {
                const auto& bucket = seen[static_cast<std::size_t>(band)];
                const auto candidates = bucket.find(band_of(hash, band));
                if (candidates == bucket.end()) continue;
                for (const std::size_t i : candidates->second)
                    if (std::popcount(hash ^ hashes[i]) <= max_distance)
                        found.push_back(static_cast<std::int64_t>(i));
            }
        std::ranges::sort(found);
        const auto repeated = std::ranges::unique(found);
        found.erase(repeated.begin(), repeated.end());
        for (const std::int64_t i : found)
            if (!only_joining || joins(static_cast<std::size_t>(i), j))
                pairs.emplace_back(i, static_cast<std::int64_t>(j));
        for (int band = 0; band < bands; ++band)
            seen[static_cast<std::size_t>(band)][band_of(hashes[j], band)].push_back(j);
    }
    std::ranges::sort(pairs);
    return pairs;
}

}  // namespace georgia
