#pragma once

#include <cstdint>
#include <span>

namespace georgia {

/// Where a share changed once in a sequence of yes and no.
struct ChangePoint {
    std::int64_t place = 0;  ///< the first element after the change
    double before = 0;       ///< shares of yes
    double after = 0;
    /// Probability of so great a likelihood ratio where nothing changed, by drawing the order again
    /// (one of rounds + 1 at least).
    double p_value = 1;
};

/// The place that splits the sequence into two binomial parts of the greatest likelihood (D. V.
/// Hinkley, E. A. Hinkley, Biometrika 57, 1970); both parts have at least so many elements. Throws
/// InvalidOption where the sequence is too short for that.
ChangePoint change_point(
    std::span<const bool> sequence,
    std::int64_t least_part = 5,
    std::int64_t rounds = 999,
    std::uint64_t seed = 0);

}  // namespace georgia
