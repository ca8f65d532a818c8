#include "georgia/analysis/comparison.h"

#include <algorithm>
#include <cmath>
#include <string>

#include "georgia/base/error.h"

namespace georgia {
namespace {

/// Of `count` fair coins, that one side comes at most `few` times; both sides asked, at most 1.
double two_sided(std::int64_t few, std::int64_t count) {
    const auto n = static_cast<double>(count);
    double sum = 0;
    for (std::int64_t i = 0; i <= few; ++i) {
        const auto k = static_cast<double>(i);
        const double ways = std::lgamma(n + 1) - std::lgamma(k + 1) - std::lgamma(n - k + 1);
        sum += std::exp(ways - n * std::log(2.0));
    }
    return std::min(1.0, 2 * sum);
}

}  // namespace

Comparison compare(std::span<const bool> first_is_right, std::span<const bool> second_is_right) {
    if (first_is_right.size() != second_is_right.size())
        throw InvalidOption(
            "compare",
            "second_is_right",
            "other images than the first's",
            std::to_string(first_is_right.size()),
            std::to_string(second_is_right.size()));
    Comparison found;
    for (std::size_t i = 0; i < first_is_right.size(); ++i) {
        std::int64_t& alone = first_is_right[i] ? found.first : found.second;
        std::int64_t& alike = first_is_right[i] ? found.both : found.neither;
        ++(first_is_right[i] == second_is_right[i] ? alike : alone);
    }
    found.p_value = two_sided(std::min(found.first, found.second), found.first + found.second);
    return found;
}

}  // namespace georgia
