#include "georgia/analysis/metrics.h"

#include <algorithm>
#include <cmath>
#include <string>
#include <utility>

#include "georgia/base/error.h"

#include "analysis/class_indices.h"

namespace georgia {
namespace {

double ratio(double part, double whole) {
    return whole > 0 ? part / whole : 0;
}

/// One class of a (K, K) confusion matrix.
ClassScore class_score(const Scores& scores, std::size_t k) {
    const std::size_t classes = scores.classes.size();
    std::int64_t predicted = 0;
    ClassScore result;
    for (std::size_t i = 0; i < classes; ++i) {
        result.support += scores.confusion[k * classes + i];
        predicted += scores.confusion[i * classes + k];
    }
    const auto hits = static_cast<double>(scores.confusion[k * classes + k]);
    result.precision = ratio(hits, static_cast<double>(predicted));
    result.recall = ratio(hits, static_cast<double>(result.support));
    result.f1 = ratio(2 * hits, static_cast<double>(predicted + result.support));
    return result;
}

void add_weighted(ClassScore& sum, const ClassScore& part, double weight) {
    sum.precision += weight * part.precision;
    sum.recall += weight * part.recall;
    sum.f1 += weight * part.f1;
    sum.support += part.support;
}

bool occurs(const Scores& scores, std::size_t k) {
    const std::size_t classes = scores.classes.size();
    std::int64_t seen = scores.classes[k].support;
    for (std::size_t i = 0; i < classes; ++i) seen += scores.confusion[i * classes + k];
    return seen > 0;
}

}  // namespace

Interval wilson_interval(std::int64_t hits, std::int64_t count, double z) {
    if (count == 0) return {0, 1};
    const auto n = static_cast<double>(count);
    const double share = static_cast<double>(hits) / n;
    const double centre = share + z * z / (2 * n);
    const double half = z * std::sqrt(share * (1 - share) / n + z * z / (4 * n * n));
    const double scale = 1 + z * z / n;
    return {std::max(0.0, (centre - half) / scale), std::min(1.0, (centre + half) / scale)};
}

Scores score(
    std::span<const std::int64_t> labels,
    std::span<const std::int64_t> predictions,
    std::int64_t classes) {
    if (labels.size() != predictions.size())
        throw InvalidOption(
            "score",
            "predictions",
            "one for each label",
            std::to_string(labels.size()),
            std::to_string(predictions.size()));
    check_class_indices("score", "labels", labels, classes);
    check_class_indices("score", "predictions", predictions, classes);
    const auto k = static_cast<std::size_t>(classes);
    std::vector<std::int64_t> confusion(k * k);
    for (std::size_t i = 0; i < labels.size(); ++i)
        ++confusion
            [static_cast<std::size_t>(labels[i]) * k + static_cast<std::size_t>(predictions[i])];
    return score_confusion(std::move(confusion), classes);
}

Scores score_confusion(std::vector<std::int64_t> confusion, std::int64_t classes) {
    const auto k = static_cast<std::size_t>(classes);
    Scores scores;
    scores.confusion = std::move(confusion);
    scores.classes.resize(k);
    for (std::size_t i = 0; i < k; ++i) scores.classes[i] = class_score(scores, i);
    double occurring = 0;
    for (std::size_t i = 0; i < k; ++i) {
        scores.correct += scores.confusion[i * k + i];
        scores.count += scores.classes[i].support;
        occurring += occurs(scores, i) ? 1 : 0;
    }
    const auto count = static_cast<double>(scores.count);
    scores.accuracy = ratio(static_cast<double>(scores.correct), count);
    scores.accuracy_interval = wilson_interval(scores.correct, scores.count);
    for (std::size_t i = 0; i < k; ++i) {
        const ClassScore& part = scores.classes[i];
        add_weighted(scores.macro, part, ratio(occurs(scores, i) ? 1 : 0, occurring));
        add_weighted(scores.weighted, part, ratio(static_cast<double>(part.support), count));
    }
    return scores;
}

std::vector<std::int64_t> top_class(std::span<const float> rows, std::int64_t classes) {
    const auto k = static_cast<std::size_t>(classes);
    std::vector<std::int64_t> best(rows.size() / k);
    for (std::size_t i = 0; i < best.size(); ++i) {
        const auto row = rows.subspan(i * k, k);
        best[i] = std::max_element(row.begin(), row.end()) - row.begin();
    }
    return best;
}

}  // namespace georgia
