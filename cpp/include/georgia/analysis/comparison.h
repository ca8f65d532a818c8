#pragma once

#include <cstdint>
#include <span>

namespace georgia {

/// Two models' answers for the same images (Q. McNemar, Psychometrika 12, 1947): what both have
/// right or both wrong says nothing about which is better.
struct Comparison {
    std::int64_t both = 0;    ///< right by both
    std::int64_t first = 0;   ///< right by the first alone
    std::int64_t second = 0;  ///< right by the second alone
    std::int64_t neither = 0;
    /// Probability of at least so uneven a share of what one alone has right, if both were as good:
    /// the binomial, exact for any number; 1 where no such image is.
    double p_value = 1;
};

Comparison compare(std::span<const bool> first_is_right, std::span<const bool> second_is_right);

}  // namespace georgia
