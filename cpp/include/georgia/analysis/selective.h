#pragma once

#include <span>
#include <vector>

namespace georgia {

/// What is gained by answering only where a model is sure (R. El-Yaniv, Y. Wiener, Journal of
/// Machine Learning Research 11, 2010). Equal confidences are answered together, so that the order
/// of the images does not matter.
struct RiskCoverage {
    std::vector<double> coverage;    ///< shares of the images that are answered, rising to 1
    std::vector<double> risk;        ///< shares of those answers that are wrong
    std::vector<double> thresholds;  ///< the least confidence that is answered
    /// Mean risk over all numbers of answers; within equal confidences errors come evenly.
    double area = 0;
};

/// Confidences are finite, one for each image; there is one at least.
RiskCoverage risk_coverage(std::span<const float> confidences, std::span<const bool> is_right);

}  // namespace georgia
