#pragma once

#include <cstdint>
#include <span>

namespace georgia {

/// Single numbers for a confusion matrix that large classes do not rule. A class that does not
/// occur in the truth counts in none of them.
struct Agreement {
    /// Mean recall of the classes that occur.
    double balanced_accuracy = 0;
    /// Accuracy above chance, as a share of what could be above it (J. Cohen, Educational and
    /// Psychological Measurement 20, 1960); 0 where chance alone is always right.
    double kappa = 0;
    /// Correlation of truth and prediction (J. Gorodkin, Computational Biology and Chemistry 28,
    /// 2004, after Matthews, 1975); 0 where one of the two is constant.
    double matthews = 0;
};

/// Of a matrix (K, K), rows true, columns predicted.
Agreement agreement(std::span<const std::int64_t> confusion, std::int64_t classes);

}  // namespace georgia
