#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace georgia {

/// An image whose label may be wrong.
struct LabelSuspect {
    std::int64_t image = 0;
    std::int64_t given = 0;   ///< class index
    std::int64_t likely = 0;  ///< the class that it is confidently counted for
    double margin = 0;        ///< probability of the given class less that of the likely one
};

/// Confident learning (C. Northcutt, L. Jiang, I. Chuang, Journal of Artificial Intelligence
/// Research 70, 2021): an image is counted for the most probable class whose probability is at
/// least the mean that images labelled so have; those counted for another class than their own are
/// suspects, the least margin first.
///
/// Rows (N, K) are probabilities by models that did not see the image: out-of-fold, copies and
/// groups held out together.
std::vector<LabelSuspect> label_errors(
    std::span<const float> rows, std::int64_t classes, std::span<const std::int64_t> labels);

}  // namespace georgia
