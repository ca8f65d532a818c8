#include "georgia/data/epoch_plan.h"

#include <algorithm>
#include <numeric>

#include "georgia/base/random.h"

namespace georgia {

EpochPlan::EpochPlan(std::int64_t count, std::int64_t batch)
    : count_(count), batches_((count + batch - 1) / std::max<std::int64_t>(batch, 1)) {
    // Only an odd count with batch 2 would leave a single sample: there one batch takes three.
    if (batch > 1 && batches_ > 1 && count_ / batches_ < 2) --batches_;
}

std::int64_t EpochPlan::first(std::int64_t batch) const {
    const std::int64_t larger = count_ % batches_;
    return batch * (count_ / batches_) + std::min(batch, larger);
}

std::vector<std::int64_t> shuffled_order(
    std::int64_t count, std::uint64_t seed, std::int64_t epoch) {
    std::vector<std::int64_t> order(static_cast<std::size_t>(count));
    std::iota(order.begin(), order.end(), 0);
    RandomStream random({seed, static_cast<std::uint32_t>(epoch), 0, Purpose::kOrder});
    random.shuffle(order);
    return order;
}

}  // namespace georgia
