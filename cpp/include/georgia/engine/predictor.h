#pragma once

#include <string>
#include <vector>

#include "georgia/base/progress.h"
#include "georgia/data/sample.h"
#include "georgia/engine/inference.h"
#include "georgia/engine/model_file.h"

namespace georgia {

struct PredictOptions {
    std::int64_t batch = 32;
    int threads = 0;  ///< that decode; 0: as many as usable cores
    DecodeLimits limits;
};

/// One entry per input, in order.
struct Predictions {
    std::vector<float> probabilities;  // (N, K) float32, rows sum to 1; 0 where there is an error
    std::vector<std::string> errors;   // (N) empty where the input was good
};

/// A model at work on images; the preprocessing is the one it was trained with.
class Predictor {
  public:
    Predictor(const ModelFile& model, const Compute& compute);

    /// A bad input becomes an entry with an error; only the system's or our own failures throw.
    Predictions predict(
        std::vector<Sample> inputs, const PredictOptions& options, Progress& progress);

  private:
    Preprocess preprocess_;
    std::int64_t classes_;
    Inference inference_;
};

}  // namespace georgia
