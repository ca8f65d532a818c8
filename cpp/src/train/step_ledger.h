#pragma once

#include <ATen/core/Tensor.h>
#include <cstdint>
#include <vector>

#include "georgia/train/checkpoint.h"

#include "train/training_step.h"

namespace georgia {

/// What the steps came to.
struct StepReading {
    // With what the ledger began with.
    double loss = 0;  ///< summed over images
    std::int64_t correct = 0;
    std::int64_t seen = 0;

    // Of the last step, or of the first whose loss or gradient was not finite.
    double last_loss = 0;
    double last_norm = 0;
    double last_rate = 0;
    std::int64_t finite_steps = 0;  ///< since the reading before
    bool diverged = false;
};

/// Adds up what steps tell where they tell it: reading it waits for the device, which a GPU should
/// not have to do after every step.
class StepLedger {
  public:
    explicit StepLedger(c10::Device device, const RunningSums& begin = {});

    void add(const StepResult& step, std::int64_t count, double rate);

    /// () float32, 1 from the first step on that was not finite: what an update is to be masked by.
    const at::Tensor& diverged() const {
        return diverged_;
    }

    std::int64_t unread() const {
        return static_cast<std::int64_t>(rates_.size());
    }

    /// Waits for the device.
    StepReading read();

  private:
    at::Tensor diverged_;
    at::Tensor sums_;            // (3) float64: loss, correct, finite steps
    at::Tensor last_;            // (2) float64: loss, gradient norm
    std::vector<double> rates_;  // of the unread steps
    std::int64_t seen_;
};

}  // namespace georgia
