#include "georgia/analysis/change_point.h"

#include <cmath>
#include <cstddef>
#include <string>
#include <vector>

#include "georgia/base/error.h"
#include "georgia/base/random.h"

namespace georgia {
namespace {

/// Log likelihood of so many hits among so many, at their own share.
double log_likelihood(double hits, double count) {
    const double misses = count - hits;
    return (hits > 0 ? hits * std::log(hits / count) : 0) +
           (misses > 0 ? misses * std::log(misses / count) : 0);
}

struct Split {
    std::size_t place = 0;
    double gain = -1;
};

Split best_split(const std::vector<std::uint8_t>& sequence, double all, std::size_t least) {
    const auto count = static_cast<double>(sequence.size());
    const double whole = log_likelihood(all, count);
    Split best;
    double hits = 0;
    for (std::size_t end = 1; end + least <= sequence.size(); ++end) {
        hits += sequence[end - 1];
        if (end < least) continue;
        const auto first = static_cast<double>(end);
        const double gain =
            log_likelihood(hits, first) + log_likelihood(all - hits, count - first) - whole;
        if (gain > best.gain + 1e-12) best = {end, gain};
    }
    return best;
}

}  // namespace

ChangePoint change_point(
    std::span<const bool> sequence,
    std::int64_t least_part,
    std::int64_t rounds,
    std::uint64_t seed) {
    if (least_part < 1 || static_cast<std::int64_t>(sequence.size()) < 2 * least_part)
        throw InvalidOption(
            "change_point",
            "sequence",
            "too short",
            std::to_string(2 * least_part) + " elements",
            std::to_string(sequence.size()));
    std::vector<std::uint8_t> order(sequence.begin(), sequence.end());
    double all = 0;
    for (const std::uint8_t hit : order) all += hit;
    const auto least = static_cast<std::size_t>(least_part);
    const Split found = best_split(order, all, least);
    double hits = 0;
    for (std::size_t i = 0; i < found.place; ++i) hits += order[i];
    std::int64_t as_great = 0;
    for (std::int64_t round = 0; round < rounds; ++round) {
        RandomStream random({seed, static_cast<std::uint32_t>(round), 0, Purpose::kBootstrap});
        random.shuffle(order);
        if (best_split(order, all, least).gain >= found.gain - 1e-9) ++as_great;
    }
    const auto first = static_cast<double>(found.place);
    return {
        static_cast<std::int64_t>(found.place),
        hits / first,
        (all - hits) / (static_cast<double>(order.size()) - first),
        static_cast<double>(as_great + 1) / static_cast<double>(rounds + 1)};
}

}  // namespace georgia
