#pragma once

#include <cstdint>

namespace georgia {

/// Place in a run: the next batch to be used. Two integers, so that a run can be resumed exactly.
struct Position {
    std::int64_t epoch = 0;
    std::int64_t batch = 0;

    bool operator==(const Position&) const = default;
};

/// Cuts an epoch of count samples into ceil(count / batch) batches whose sizes differ by at most
/// one, the larger ones first; a batch of one is never made unless count or batch is one, because
/// batch normalisation cannot train on it.
class EpochPlan {
  public:
    EpochPlan(std::int64_t count, std::int64_t batch);

    std::int64_t batches() const {
        return batches_;
    }

    /// Index of a batch's first sample within the epoch's order; first(batches()) is the count.
    std::int64_t first(std::int64_t batch) const;

    std::int64_t size(std::int64_t batch) const {
        return first(batch + 1) - first(batch);
    }

    std::int64_t largest() const {
        return size(0);
    }

  private:
    std::int64_t count_;
    std::int64_t batches_;
};

}  // namespace georgia
