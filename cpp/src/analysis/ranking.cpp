#include "georgia/analysis/ranking.h"

#include <algorithm>
#include <numeric>

#include "analysis/class_indices.h"

namespace georgia {
namespace {

constexpr std::size_t kDeepest = 5;

}  // namespace

Ranking rank(
    std::span<const float> rows,
    std::int64_t classes,
    std::span<const std::int64_t> labels,
    std::span<const std::int64_t> targets) {
    const auto k = static_cast<std::size_t>(classes);
    check_rows("rank", rows, classes, labels);
    check_class_indices("rank", "targets", targets, classes);
    std::vector<bool> is_target(k);
    for (const std::int64_t target : targets) is_target[static_cast<std::size_t>(target)] = true;

    const std::size_t deepest = std::min(kDeepest, k);
    Ranking ranking{
        std::vector<std::int64_t>(deepest),
        std::vector<std::int64_t>(deepest),
        std::vector<std::int64_t>(deepest)};
    std::vector<std::size_t> order(k);
    for (std::size_t i = 0; i < labels.size(); ++i) {
        const auto row = rows.subspan(i * k, k);
        std::iota(order.begin(), order.end(), std::size_t{0});
        std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
            return row[a] > row[b];
        });
        const auto label = static_cast<std::size_t>(labels[i]);
        bool has_own = false;
        bool has_target = false;
        for (std::size_t depth = 0; depth < deepest; ++depth) {
            has_own = has_own || order[depth] == label;
            has_target = has_target || is_target[order[depth]];
            ranking.top[depth] += has_own ? 1 : 0;
            ranking.review[depth] += has_target ? 1 : 0;
            ranking.missed[depth] += is_target[label] && !has_target ? 1 : 0;
        }
    }
    return ranking;
}

}  // namespace georgia
