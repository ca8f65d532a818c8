#include "georgia/analysis/probability_scores.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <string>

#include "georgia/base/error.h"

#include "analysis/class_indices.h"

namespace georgia {
namespace {

constexpr double kLeast = 1e-7;

void check_scores(const char* subject, std::span<const float> values) {
    const auto bad =
        std::ranges::find_if(values, [](float value) { return !std::isfinite(value); });
    if (bad != values.end())
        throw InvalidOption(
            subject, "scores", "finite numbers", "", std::to_string(static_cast<double>(*bad)));
}

double share(double part, double whole) {
    return whole > 0 ? part / whole : std::numeric_limits<double>::quiet_NaN();
}

}  // namespace

ProbabilityScores score_probabilities(
    std::span<const float> rows, std::int64_t classes, std::span<const std::int64_t> labels) {
    const auto k = static_cast<std::size_t>(classes);
    check_rows("score_probabilities", rows, classes, labels);
    check_scores("score_probabilities", rows);
    ProbabilityScores scores;
    for (std::size_t i = 0; i < labels.size(); ++i) {
        const auto row = rows.subspan(i * k, k);
        const auto label = static_cast<std::size_t>(labels[i]);
        scores.log_loss -= std::log(std::max<double>(row[label], kLeast));
        double square = 0;
        for (std::size_t c = 0; c < k; ++c) {
            const double off = static_cast<double>(row[c]) - (c == label ? 1 : 0);
            square += off * off;
        }
        scores.brier += k == 2 ? square / 2 : square;
    }
    const auto count = static_cast<double>(labels.size());
    return {share(scores.log_loss, count), share(scores.brier, count)};
}

Curves curves(std::span<const float> scores, std::span<const bool> is_of_class) {
    if (scores.size() != is_of_class.size())
        throw InvalidOption(
            "curves",
            "is_of_class",
            "one for each score",
            std::to_string(scores.size()),
            std::to_string(is_of_class.size()));
    check_scores("curves", scores);
    std::vector<std::size_t> order(scores.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::ranges::sort(order, [&](std::size_t a, std::size_t b) { return scores[a] > scores[b]; });
    const auto of_class = static_cast<double>(std::ranges::count(is_of_class, true));
    const double rest = static_cast<double>(scores.size()) - of_class;

    Curves found;
    double hits = 0;
    double alarms = 0;
    double last_recall = 0;
    double last_rate = 0;
    for (std::size_t i = 0; i < order.size(); ++i) {
        (is_of_class[order[i]] ? hits : alarms) += 1;
        const bool is_tied = i + 1 < order.size() && scores[order[i + 1]] == scores[order[i]];
        if (is_tied) continue;
        const double recall = share(hits, of_class);
        const double rate = share(alarms, rest);
        const double precision = hits / (hits + alarms);
        found.thresholds.push_back(scores[order[i]]);
        found.recall.push_back(recall);
        found.false_positive.push_back(rate);
        found.precision.push_back(precision);
        found.area += (rate - last_rate) * (recall + last_recall) / 2;
        found.average_precision += (recall - last_recall) * precision;
        last_recall = recall;
        last_rate = rate;
    }
    if (of_class == 0 || rest == 0) found.area = std::numeric_limits<double>::quiet_NaN();
    if (of_class == 0) found.average_precision = std::numeric_limits<double>::quiet_NaN();
    return found;
}

}  // namespace georgia
