#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace georgia {

/// How good probabilities are as probabilities; lower is better.
struct ProbabilityScores {
    /// Mean of -ln of what the true class got; a probability below 1e-7 counts as that.
    double log_loss = 0;
    /// Mean squared distance to the truth (G. W. Brier, Monthly Weather Review 78, 1950), over all
    /// classes: 0 to 2; of two classes over one of them: 0 to 1, as it is usually told.
    double brier = 0;
};

/// Rows are (N, K) probabilities, finite and not negative; labels are class indices in [0, K).
ProbabilityScores score_probabilities(
    std::span<const float> rows, std::int64_t classes, std::span<const std::int64_t> labels);

/// Told apart at every threshold: one class against the rest. Points go from the highest score to
/// the lowest; equal scores are one point.
struct Curves {
    std::vector<double> thresholds;      ///< a score at least as large is called positive
    std::vector<double> false_positive;  ///< rate among the rest
    std::vector<double> recall;          ///< rate among the class: the true positive rate
    std::vector<double> precision;
    double area = 0;               ///< under recall by false positive rate: ROC, ties by trapezoids
    double average_precision = 0;  ///< precision, weighted by the steps of recall
};

/// `scores` are finite, (N); areas are NaN where the class or the rest is empty.
Curves curves(std::span<const float> scores, std::span<const bool> is_of_class);

}  // namespace georgia
