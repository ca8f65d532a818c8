#pragma once

#include <cstdint>
#include <vector>

#include "georgia/analysis/metrics.h"
#include "georgia/base/progress.h"
#include "georgia/data/loader.h"
#include "georgia/engine/inference.h"

namespace georgia {

/// Mean loss and scores on the validation split.
struct Validation {
    double loss = 0;  ///< mean cross-entropy in nats
    Scores scores;
};

/// The validation split of a phase, ready to be run again and again.
class Validator {
  public:
    Validator(
        const std::vector<Sample>& samples,
        std::int64_t classes,
        const Preprocess& preprocess,
        const LoaderOptions& loading);

    Validation run(Inference& inference, Progress& progress);

  private:
    /// (N, K) on the CPU; in parts where a GPU's memory is too small for all at once.
    at::Tensor logits_of(Inference& inference, const at::Tensor& input);

    const std::vector<Sample>& samples_;
    std::int64_t classes_;
    Loader loader_;
    std::int64_t parts_ = 1;
};

}  // namespace georgia
