#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace georgia {

/// Images counted by what their k best classes hold, for k = 1 to the smaller of 5 and K.
struct Ranking {
    std::vector<std::int64_t> top;     // their own class
    std::vector<std::int64_t> missed;  // images of a target class: no target class
    std::vector<std::int64_t> review;  // images of any class: a target class
};

/// Rows are (N, K); of equal values the lower index is better. Labels and targets are class
/// indices in [0, K).
Ranking rank(
    std::span<const float> rows,
    std::int64_t classes,
    std::span<const std::int64_t> labels,
    std::span<const std::int64_t> targets);

}  // namespace georgia
