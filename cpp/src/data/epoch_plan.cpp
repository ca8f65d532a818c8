#include "georgia/data/epoch_plan.h"

#include <algorithm>

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

}  // namespace georgia
