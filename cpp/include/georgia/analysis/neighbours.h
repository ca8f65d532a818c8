#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace georgia {

/// Predicts each row's label from its k nearest rows of the other folds (Euclidean distance on
/// standardised columns; every row as far as the k-th votes; the lower label wins a tie). What
/// such a vote can tell from a few facts of a file, a network can learn instead of the subject.
///
/// features is (N, F) float64 by rows; labels are 0 to classes - 1; folds name what is held out
/// together.
std::vector<std::int64_t> cross_validated_neighbours(
    std::span<const double> features,
    std::span<const std::int64_t> labels,
    std::span<const std::int64_t> folds,
    std::int64_t classes,
    int k);

}  // namespace georgia
