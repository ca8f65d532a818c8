#pragma once

#include <cstdint>
#include <vector>

#include "georgia/engine/predictor.h"
#include "georgia/engine/reliability.h"

namespace georgia {

/// Temperature and refusal of a model, from labelled images: those it was trained on, seen plain
/// and once, say what is known; held-out ones fit the temperature and the thresholds. Images that
/// cannot be read are left out; throws BadInput where no held-out one can.
Reliability fit_reliability(
    const ModelFile& model,
    const Compute& compute,
    std::vector<Sample> trained,
    std::vector<Sample> held_out,
    const PredictOptions& options,
    Progress& progress);

}  // namespace georgia
