#pragma once

#include <cstdint>
#include <vector>

#include "georgia/engine/predictor.h"
#include "georgia/engine/reliability.h"

namespace georgia {

inline constexpr std::int64_t kMostFeatures = 8192;
inline constexpr double kLeastTemperature = 0.25;

/// Images whose classes are known.
struct ReliabilityImages {
    std::vector<Sample> trained;      ///< seen plain and once, they say what is known
    std::vector<Sample> held_out;     ///< fit the temperature
    std::vector<Sample> calibration;  ///< fit thresholds; where there are none the held-out ones do
};

/// Temperature and refusal of a model. Images that cannot be read are left out; throws BadInput
/// where no held-out one can.
///
/// Where held-out images do not bound the temperature (all are right) it stays 1, and none is below
/// 1/4: few images are no reason to be so sure. There is no refusal where a class has no image, or
/// where the last layer sees more than kMostFeatures numbers: those are pixels, which tell no kind.
Reliability fit_reliability(
    const ModelFile& model,
    const Compute& compute,
    ReliabilityImages images,
    const PredictOptions& options,
    Progress& progress);

}  // namespace georgia
