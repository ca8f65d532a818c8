#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace georgia {

struct Interval {
    double low = 0;
    double high = 0;
};

/// Wilson's score interval for a share (E. B. Wilson, JASA 22, 1927); z 1.96 covers 95 %.
Interval wilson_interval(std::int64_t hits, std::int64_t count, double z = 1.959963984540054);

/// Precision, recall and F1 of one class; 0 where the denominator is 0.
struct ClassScore {
    double precision = 0;
    double recall = 0;
    double f1 = 0;
    std::int64_t support = 0;
};

/// Everything that follows from true and predicted classes.
struct Scores {
    std::int64_t count = 0;
    std::int64_t correct = 0;
    double accuracy = 0;
    Interval accuracy_interval;
    std::vector<std::int64_t> confusion;  // (K, K), rows true, columns predicted
    std::vector<ClassScore> classes;      // (K)
    ClassScore macro;     ///< mean over the classes that occur, in truth or prediction
    ClassScore weighted;  ///< mean weighted by support
};

/// Labels and predictions are class indices in [0, classes); others are refused.
Scores score(
    std::span<const std::int64_t> labels,
    std::span<const std::int64_t> predictions,
    std::int64_t classes);

/// The same of a confusion matrix (K, K) that is there already.
Scores score_confusion(std::vector<std::int64_t> confusion, std::int64_t classes);

/// Index of the largest value of each row of (N, K); the lower index wins a tie.
std::vector<std::int64_t> top_class(std::span<const float> rows, std::int64_t classes);

}  // namespace georgia
