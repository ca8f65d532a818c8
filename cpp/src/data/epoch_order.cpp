#include "georgia/data/epoch_order.h"

#include <algorithm>
#include <numeric>

#include "georgia/base/random.h"

namespace georgia {
namespace {

/// Samples of each class that has any, by label.
std::vector<std::vector<std::int64_t>> members_of(const std::vector<std::int64_t>& labels) {
    std::vector<std::vector<std::int64_t>> members;
    for (std::size_t i = 0; i < labels.size(); ++i) {
        const auto label = static_cast<std::size_t>(std::max<std::int64_t>(labels[i], 0));
        if (members.size() <= label) members.resize(label + 1);
        members[label].push_back(static_cast<std::int64_t>(i));
    }
    std::erase_if(members, [](const auto& one) { return one.empty(); });
    return members;
}

}  // namespace

EpochOrder::EpochOrder(
    const std::vector<std::int64_t>& labels, Sampling sampling, std::int64_t balance_to)
    : sample_of_(labels.size()), is_drawn_(sampling == Sampling::kByClass) {
    std::iota(sample_of_.begin(), sample_of_.end(), std::int64_t{0});
    if (sampling == Sampling::kEach) return;
    members_ = members_of(labels);
    if (sampling == Sampling::kByClass) return;
    std::size_t target = static_cast<std::size_t>(balance_to);
    for (const auto& samples : members_)
        if (balance_to == 0) target = std::max(target, samples.size());
    for (const auto& samples : members_)
        for (std::size_t i = samples.size(); i < target; ++i)
            sample_of_.push_back(samples[i % samples.size()]);
    copies_ = count() - static_cast<std::int64_t>(labels.size());
}

std::vector<EpochOrder::Entry> EpochOrder::shuffled(std::uint64_t seed, std::int64_t epoch) const {
    std::vector<Entry> order(sample_of_.size());
    RandomStream random({seed, static_cast<std::uint32_t>(epoch), 0, Purpose::kOrder});
    for (std::size_t i = 0; i < order.size(); ++i) {
        order[i] = {static_cast<std::int64_t>(i), sample_of_[i]};
        if (!is_drawn_) continue;
        const auto& members = members_[random.below(static_cast<std::uint32_t>(members_.size()))];
        order[i].sample = members[random.below(static_cast<std::uint32_t>(members.size()))];
    }
    if (!is_drawn_) random.shuffle(order);
    return order;
}

}  // namespace georgia
