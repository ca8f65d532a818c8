#include "georgia/analysis/bootstrap.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "georgia/analysis/agreement.h"
#include "georgia/base/error.h"
#include "georgia/base/random.h"

#include "analysis/class_indices.h"

namespace georgia {
namespace {

/// The images of each group as cells of a confusion matrix.
struct Groups {
    std::vector<std::size_t> first;  // (groups + 1) where its cells begin
    std::vector<std::size_t> cells;  // one of each image

    std::size_t count() const {
        return first.size() - 1;
    }
};

Groups grouped(
    std::span<const std::int64_t> labels,
    std::span<const std::int64_t> predictions,
    std::size_t classes,
    std::span<const std::int64_t> numbers) {
    std::map<std::int64_t, std::vector<std::size_t>> by_number;
    for (std::size_t i = 0; i < labels.size(); ++i)
        by_number[numbers[i]].push_back(
            static_cast<std::size_t>(labels[i]) * classes +
            static_cast<std::size_t>(predictions[i]));
    Groups groups{{0}, {}};
    for (const auto& [number, cells] : by_number) {
        groups.cells.insert(groups.cells.end(), cells.begin(), cells.end());
        groups.first.push_back(groups.cells.size());
    }
    return groups;
}

constexpr std::size_t kScores = 5;
using ScoreRow = std::array<double, kScores>;

/// In the order of ScoreIntervals.
ScoreRow scores_of(std::span<const std::int64_t> confusion, std::int64_t classes) {
    const Scores scores = score_confusion({confusion.begin(), confusion.end()}, classes);
    const Agreement above = agreement(confusion, classes);
    return {scores.accuracy, above.balanced_accuracy, scores.macro.f1, above.kappa, above.matthews};
}

/// Between the shares of sorted values, linear between neighbours.
Interval middle_of(std::vector<double> values) {
    std::ranges::sort(values);
    const auto at = [&](double part) {
        const double place = part * static_cast<double>(values.size() - 1);
        const auto below = static_cast<std::size_t>(place);
        const std::size_t above = std::min(below + 1, values.size() - 1);
        return std::lerp(values[below], values[above], place - static_cast<double>(below));
    };
    return {at(0.025), at(0.975)};
}

}  // namespace

ScoreIntervals bootstrap(
    std::span<const std::int64_t> labels,
    std::span<const std::int64_t> predictions,
    std::int64_t classes,
    const Resampling& resampling,
    const Parallel& how) {
    check_class_indices("bootstrap", "labels", labels, classes);
    check_class_indices("bootstrap", "predictions", predictions, classes);
    if (predictions.size() != labels.size() || resampling.groups.size() != labels.size())
        throw InvalidOption(
            "bootstrap", "groups", "a prediction and a group for each label are wanted");
    const auto k = static_cast<std::size_t>(classes);
    const Groups groups = grouped(labels, predictions, k, resampling.groups);
    if (groups.count() < 2 || resampling.rounds < 1)
        throw InvalidOption(
            "bootstrap", "groups", "too few to draw from", "2", std::to_string(groups.count()));

    std::vector<ScoreRow> rows(static_cast<std::size_t>(resampling.rounds));
    for_each_number(rows.size(), how, [&](std::size_t round) {
        RandomStream random(
            {resampling.seed, 0, static_cast<std::uint32_t>(round), Purpose::kBootstrap});
        std::vector<std::int64_t> confusion(k * k);
        for (std::size_t draw = 0; draw < groups.count(); ++draw) {
            const std::size_t group = random.below(static_cast<std::uint32_t>(groups.count()));
            for (std::size_t i = groups.first[group]; i < groups.first[group + 1]; ++i)
                ++confusion[groups.cells[i]];
        }
        rows[round] = scores_of(confusion, classes);
    });

    const auto interval = [&](std::size_t which) {
        std::vector<double> values;
        for (const ScoreRow& row : rows) values.push_back(row[which]);
        return middle_of(std::move(values));
    };
    return {interval(0), interval(1), interval(2), interval(3), interval(4)};
}

}  // namespace georgia
