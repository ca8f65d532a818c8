#include "georgia/analysis/bootstrap.h"

#include <cmath>
#include <numeric>
#include <vector>

#include "georgia/base/error.h"

#include "catch.h"

using namespace georgia;
using Indices = std::vector<std::int64_t>;

namespace {

Indices up_to(std::int64_t count) {
    Indices numbers(static_cast<std::size_t>(count));
    std::iota(numbers.begin(), numbers.end(), std::int64_t{0});
    return numbers;
}

ScoreIntervals intervals(
    const Indices& labels, const Indices& predictions, const Indices& groups, int threads = 2) {
    Progress progress;
    return bootstrap(labels, predictions, 2, {groups, 2000, 5}, {threads, "bootstrap", progress});
}

/// Of n images each fourth is wrong.
Indices answers(const Indices& labels) {
    Indices predictions = labels;
    for (std::size_t i = 0; i < predictions.size(); i += 4) predictions[i] = 1 - predictions[i];
    return predictions;
}

Indices two_classes(std::int64_t count) {
    Indices labels = up_to(count);
    for (std::int64_t& label : labels) label = label / 7 % 2;
    return labels;
}

}  // namespace

TEST_CASE("of single images the accuracy's interval is the binomial's") {
    const Indices labels = two_classes(400);
    const ScoreIntervals found = intervals(labels, answers(labels), up_to(400));
    const double half = 1.96 * std::sqrt(0.25 * 0.75 / 400);
    CHECK(found.accuracy.low == Approx(0.75 - half).margin(0.006));
    CHECK(found.accuracy.high == Approx(0.75 + half).margin(0.006));
    CHECK(found.matthews.low < 0.5);
    CHECK(found.matthews.high > 0.5);
}

TEST_CASE("images that come together make intervals wider") {
    // Ten copies of each: as few images as a tenth.
    const Indices few = two_classes(40);
    const Indices few_answers = answers(few);
    Indices labels;
    Indices predictions;
    Indices groups;
    for (std::size_t i = 0; i < few.size(); ++i)
        for (int copy = 0; copy < 10; ++copy) {
            labels.push_back(few[i]);
            predictions.push_back(few_answers[i]);
            groups.push_back(static_cast<std::int64_t>(i));
        }
    const ScoreIntervals grouped = intervals(labels, predictions, groups);
    const ScoreIntervals alone = intervals(few, few_answers, up_to(40));
    CHECK(grouped.accuracy.low == alone.accuracy.low);  // the same draws
    CHECK(grouped.accuracy.high == alone.accuracy.high);
    const ScoreIntervals split = intervals(labels, predictions, up_to(400));
    const auto width = [](const Interval& interval) { return interval.high - interval.low; };
    CHECK(width(grouped.accuracy) > 2 * width(split.accuracy));
}

TEST_CASE("intervals do not depend on threads, and of one group there are none") {
    const Indices labels = two_classes(50);
    const ScoreIntervals one = intervals(labels, answers(labels), up_to(50), 1);
    const ScoreIntervals four = intervals(labels, answers(labels), up_to(50), 4);
    CHECK(one.macro_f1.low == four.macro_f1.low);
    CHECK(one.kappa.high == four.kappa.high);
    CHECK_THROWS_AS(intervals(labels, answers(labels), Indices(50, 3)), InvalidOption);
    CHECK_THROWS_AS(intervals(labels, answers(labels), up_to(49)), InvalidOption);
}
