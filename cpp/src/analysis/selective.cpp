#include "georgia/analysis/selective.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <numeric>

#include "georgia/base/error.h"

namespace georgia {

RiskCoverage risk_coverage(std::span<const float> confidences, std::span<const bool> is_right) {
    if (confidences.empty() || confidences.size() != is_right.size())
        throw InvalidOption("risk_coverage", "is_right", "one for each confidence is wanted");
    if (!std::ranges::all_of(confidences, [](float value) { return std::isfinite(value); }))
        throw InvalidOption("risk_coverage", "confidences", "not finite");
    std::vector<std::size_t> order(confidences.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::ranges::sort(order, std::ranges::greater{}, [&](std::size_t i) { return confidences[i]; });
    const auto count = static_cast<double>(order.size());
    RiskCoverage curve;
    double wrong = 0;
    for (std::size_t first = 0; first < order.size();) {
        const float confidence = confidences[order[first]];
        std::size_t end = first;
        double errors = 0;
        for (; end < order.size() && confidences[order[end]] == confidence; ++end)
            if (!is_right[order[end]]) ++errors;
        const auto members = static_cast<double>(end - first);
        for (std::size_t i = first; i < end; ++i) {
            const auto answered = static_cast<double>(i + 1);
            const double part = (answered - static_cast<double>(first)) / members;
            curve.area += (wrong + errors * part) / answered / count;
        }
        wrong += errors;
        curve.coverage.push_back(static_cast<double>(end) / count);
        curve.risk.push_back(wrong / static_cast<double>(end));
        curve.thresholds.push_back(confidence);
        first = end;
    }
    return curve;
}

}  // namespace georgia
