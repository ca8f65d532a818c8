#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "georgia/analysis/calibration.h"
#include "georgia/analysis/conformal.h"
#include "georgia/analysis/outliers.h"

namespace georgia {

/// What tells images of another kind apart, and from which value on each score says so.
struct Refusal {
    /// Note [Default outlier score]: the one with the highest mean AUROC over the nine pairs of
    /// sets in benchmarks/results/outliers.md; it is the same for every model.
    static constexpr OutlierScore kDefault = OutlierScore::kMahalanobis;

    OutlierModel model;
    std::array<double, kOutlierScores> thresholds{};  ///< 95 % of the held-out images lie within
};

/// How far a model's answers can be believed, found on images that trained nothing and kept in its
/// file.
struct Reliability {
    Temperature temperature;         ///< that logits are divided by
    std::optional<Refusal> refusal;  ///< none where the images or the network do not allow it
    std::vector<Conformal> sets;     ///< one of each kind at most
    std::string facts = "{}";        ///< JSON: which images all of this comes from
    std::string trained;             ///< SHA-256 of the model's file before this was added
};

}  // namespace georgia
