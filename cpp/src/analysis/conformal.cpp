#include "georgia/analysis/conformal.h"

#include <algorithm>
#include <map>
#include <numeric>
#include <string>
#include <utility>

#include "georgia/base/error.h"

#include "analysis/class_indices.h"

namespace georgia {
namespace {

/// Of sums of weights that should meet exactly.
constexpr double kRounding = 1e-12;

/// How strange each class would be for an image, (K) into `strangeness`.
void judge(
    std::span<const float> row, const ConformalOptions& options, std::span<double> strangeness) {
    if (options.kind != ConformalKind::kAdaptive) {
        for (std::size_t c = 0; c < row.size(); ++c)
            strangeness[c] = 1 - static_cast<double>(row[c]);
        return;
    }
    std::vector<std::size_t> order(row.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::ranges::stable_sort(order, [&](std::size_t a, std::size_t b) { return row[a] > row[b]; });
    double sum = 0;
    for (std::size_t rank = 0; rank < order.size(); ++rank) {
        sum += row[order[rank]];
        const auto behind = static_cast<double>(rank + 1) - static_cast<double>(options.free);
        strangeness[order[rank]] = sum + options.penalty * std::max(0.0, behind);
    }
}

/// Numbers that weigh as one together.
struct Weighed {
    double value;
    std::int64_t group;
};

/// The smallest value that all but a share alpha of the weight do not exceed, where each group
/// weighs the same and one that is not here exceeds every value; see Note [Sets by groups].
double quantile_by_groups(const char* subject, std::vector<Weighed> values, double alpha) {
    std::map<std::int64_t, double> sizes;
    for (const Weighed& one : values) sizes[one.group] += 1;
    const auto shares = static_cast<double>(sizes.size() + 1);
    if (!(alpha * shares >= 1 - kRounding && alpha < 1))
        throw InvalidOption(
            subject,
            "alpha",
            "more than so many groups of calibration images can promise",
            std::to_string(1 / shares) + " or more, less than 1",
            std::to_string(alpha));
    std::ranges::sort(values, {}, &Weighed::value);
    double weight = 0;
    for (const Weighed& one : values) {
        weight += 1 / (sizes[one.group] * shares);
        if (weight >= 1 - alpha - kRounding) return one.value;
    }
    return values.back().value;
}

}  // namespace

Conformal fit_conformal(
    const CalibrationImages& images, std::int64_t classes, const ConformalOptions& options) {
    check_rows("fit_conformal", images.rows, classes, images.labels);
    if (images.groups.size() != images.labels.size())
        throw InvalidOption("fit_conformal", "groups", "one for each label is wanted");
    const auto k = static_cast<std::size_t>(classes);
    const bool is_by_class = options.kind == ConformalKind::kByClass;
    std::vector<std::vector<Weighed>> values(is_by_class ? k : 1);
    std::vector<double> strangeness(k);
    for (std::size_t i = 0; i < images.labels.size(); ++i) {
        judge(images.rows.subspan(i * k, k), options, strangeness);
        const auto label = static_cast<std::size_t>(images.labels[i]);
        values[is_by_class ? label : 0].push_back({strangeness[label], images.groups[i]});
    }
    Conformal conformal{options, {}};
    for (std::vector<Weighed>& some : values)
        conformal.thresholds.push_back(
            quantile_by_groups("fit_conformal", std::move(some), options.alpha));
    return conformal;
}

std::vector<std::uint8_t> prediction_sets(
    std::span<const float> rows, std::int64_t classes, const Conformal& conformal) {
    const auto k = static_cast<std::size_t>(classes);
    const std::size_t wanted = conformal.options.kind == ConformalKind::kByClass ? k : 1;
    if (classes < 1 || conformal.thresholds.size() != wanted)
        throw InvalidOption(
            "prediction_sets",
            "thresholds",
            "not those of the kind and classes",
            std::to_string(wanted),
            std::to_string(conformal.thresholds.size()));
    std::vector<std::uint8_t> sets(rows.size());
    std::vector<double> strangeness(k);
    for (std::size_t first = 0; first + k <= rows.size(); first += k) {
        judge(rows.subspan(first, k), conformal.options, strangeness);
        for (std::size_t c = 0; c < k; ++c) {
            const std::size_t which = wanted == 1 ? 0 : c;
            sets[first + c] = strangeness[c] <= conformal.thresholds[which] ? 1 : 0;
        }
        const auto best = std::ranges::min_element(strangeness) - strangeness.begin();
        sets[first + static_cast<std::size_t>(best)] = 1;
    }
    return sets;
}

double threshold_for_missed_rate(
    std::span<const float> scores, std::span<const std::int64_t> groups, double alpha) {
    if (scores.size() != groups.size() || scores.empty())
        throw InvalidOption(
            "threshold_for_missed_rate", "groups", "one for each score is wanted, and a score");
    std::vector<Weighed> values;
    for (std::size_t i = 0; i < scores.size(); ++i)
        values.push_back({-static_cast<double>(scores[i]), groups[i]});
    return -quantile_by_groups("threshold_for_missed_rate", std::move(values), alpha);
}

}  // namespace georgia
