#pragma once

#include <cstdint>
#include <string_view>

#include "georgia/base/error.h"

namespace georgia {

/// Where a long call stands.
struct ProgressStep {
    std::string_view stage;  ///< "train", "predict": a word that progress.py knows
    std::int64_t done = 0;   ///< units finished, from 0 to total
    std::int64_t total = 0;
    double loss = 0;  ///< running mean, for training; 0 elsewhere
};

/// Told of every step of a long call; may ask it to stop.
class Progress {
  public:
    virtual ~Progress() = default;

    /// Returns false to stop. Called from one thread at a time, as often as every batch.
    virtual bool advance(const ProgressStep&) {
        return true;
    }

    /// advance(), with a refusal thrown as Cancelled.
    void advance_or_throw(const ProgressStep& step) {
        if (!advance(step)) throw Cancelled(step.stage, "", "stopped on request");
    }
};

}  // namespace georgia
