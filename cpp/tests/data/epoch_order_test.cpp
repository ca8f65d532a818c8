#include "georgia/data/epoch_order.h"

#include <algorithm>
#include <cmath>
#include <set>

#include "catch.h"

using namespace georgia;

namespace {

/// 90, 9 and 1 samples of three classes; the class between them has none.
std::vector<std::int64_t> labels() {
    std::vector<std::int64_t> labels(90, 0);
    labels.insert(labels.end(), 9, 1);
    labels.push_back(3);
    return labels;
}

std::vector<std::int64_t> samples_of(const EpochOrder& order, std::uint64_t seed, int epoch) {
    std::vector<std::int64_t> samples;
    for (const auto& entry : order.shuffled(seed, epoch)) samples.push_back(entry.sample);
    return samples;
}

std::vector<int> counts_of(const EpochOrder& order, int epochs) {
    const auto classes = labels();
    std::vector<int> counts(4);
    for (int epoch = 0; epoch < epochs; ++epoch)
        for (const std::int64_t sample : samples_of(order, 1, epoch))
            ++counts[static_cast<std::size_t>(classes[static_cast<std::size_t>(sample)])];
    return counts;
}

}  // namespace

TEST_CASE("every epoch has its own order, and every order all samples") {
    const EpochOrder order(std::vector<std::int64_t>(100), Sampling::kEach);
    auto first = samples_of(order, 1, 0);
    CHECK(samples_of(order, 1, 0) == first);
    CHECK(samples_of(order, 1, 1) != first);
    CHECK(samples_of(order, 2, 0) != first);
    std::sort(first.begin(), first.end());
    for (std::int64_t i = 0; i < 100; ++i) CHECK(first[static_cast<std::size_t>(i)] == i);
}

TEST_CASE("balancing copies small classes, loses nothing, and every copy is its own entry") {
    using Counts = std::vector<int>;
    CHECK(counts_of({labels(), Sampling::kBalance}, 1) == Counts{90, 90, 0, 90});
    CHECK(counts_of({labels(), Sampling::kBalance, 20}, 1) == Counts{90, 20, 0, 20});
    const EpochOrder order(labels(), Sampling::kBalance, 20);
    CHECK(order.count() == 130);
    CHECK(order.copies() == 30);
    std::set<std::int64_t> entries;
    std::set<std::int64_t> samples;
    for (const auto& entry : order.shuffled(1, 0)) {
        entries.insert(entry.entry);
        samples.insert(entry.sample);
    }
    CHECK(entries.size() == 130);
    CHECK(samples.size() == 100);
}

TEST_CASE("drawing by class shows every class as often") {
    const EpochOrder order(labels(), Sampling::kByClass);
    CHECK(order.count() == 100);
    const std::vector<int> counts = counts_of(order, 300);
    CHECK(counts[2] == 0);
    for (const std::size_t label : {0U, 1U, 3U})  // five deviations of 30,000 draws
        CHECK(std::abs(counts[label] - 10'000) < 5 * std::sqrt(30'000 * 2.0 / 9));
    CHECK(samples_of(order, 1, 0) == samples_of(order, 1, 0));
    CHECK(samples_of(order, 1, 0) != samples_of(order, 1, 1));
}
