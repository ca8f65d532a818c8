#include "georgia/analysis/label_errors.h"

#include <algorithm>
#include <limits>
#include <optional>

#include "analysis/class_indices.h"

namespace georgia {
namespace {

/// Mean probability of a class among images labelled so; beyond reach where there are none.
std::vector<double> thresholds_of(
    std::span<const float> rows, std::size_t classes, std::span<const std::int64_t> labels) {
    std::vector<double> sums(classes);
    std::vector<double> counts(classes);
    for (std::size_t i = 0; i < labels.size(); ++i) {
        const auto label = static_cast<std::size_t>(labels[i]);
        sums[label] += rows[i * classes + label];
        counts[label] += 1;
    }
    for (std::size_t c = 0; c < classes; ++c)
        sums[c] = counts[c] > 0 ? sums[c] / counts[c] : std::numeric_limits<double>::infinity();
    return sums;
}

}  // namespace

std::vector<LabelSuspect> label_errors(
    std::span<const float> rows, std::int64_t classes, std::span<const std::int64_t> labels) {
    check_rows("label_errors", rows, classes, labels);
    const auto k = static_cast<std::size_t>(classes);
    const std::vector<double> thresholds = thresholds_of(rows, k, labels);
    std::vector<LabelSuspect> suspects;
    for (std::size_t i = 0; i < labels.size(); ++i) {
        const auto row = rows.subspan(i * k, k);
        std::optional<std::size_t> likely;
        for (std::size_t c = 0; c < k; ++c)
            if (row[c] >= thresholds[c] && (!likely || row[c] > row[*likely])) likely = c;
        const auto given = static_cast<std::size_t>(labels[i]);
        if (!likely || *likely == given) continue;
        suspects.push_back(
            {static_cast<std::int64_t>(i),
             labels[i],
             static_cast<std::int64_t>(*likely),
             static_cast<double>(row[given]) - static_cast<double>(row[*likely])});
    }
    std::ranges::stable_sort(suspects, {}, &LabelSuspect::margin);
    return suspects;
}

}  // namespace georgia
