#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "georgia/engine/attribution.h"
#include "georgia/engine/predictor.h"

namespace georgia {

/// What is to be explained of many images, and how.
struct ExplainRequest {
    AttributionMethod method = AttributionMethod::kLayerCam;
    std::string stage;                  ///< or a node; empty: the last planes
    std::vector<std::int64_t> classes;  ///< of each image; empty: those that are predicted
    bool has_checks = true;             ///< curves and likeness as well
};

/// Why a network answers as it does, image by image; 0 where one could not be read.
///
/// Note [Checks of a map]: a map alone is no evidence. Deletion takes away pixels (the mean colour
/// instead), the highest of the map first, and follows the class's probability: it should fall
/// early; insertion brings them in, and it should rise early (V. Petsiuk et al., "RISE", BMVC
/// 2018). A map that hardly changes when all weights are random shows the image rather than the
/// network (J. Adebayo et al., "Sanity checks for saliency maps", NeurIPS 2018): likeness is the
/// rank correlation of the two.
struct Explanation {
    static constexpr std::int64_t kParts = 20;

    std::int64_t height = 0;
    std::int64_t width = 0;
    std::vector<float> maps;            // (N, H, W)
    std::vector<std::int64_t> classes;  // (N)
    std::vector<float> deletion;        // (N, kParts + 1), after 0, 1, ... parts of the pixels
    std::vector<float> insertion;       // (N, kParts + 1)
    std::vector<float> likeness;        // (N), -1 to 1; NaN for a map without differences
    std::vector<std::string> errors;    // (N)
};

/// Computes in float32. Throws InvalidOption for a stage without planes and classes that are none.
Explanation explain(
    const ModelFile& model,
    std::vector<Sample> inputs,
    const ExplainRequest& request,
    const PredictOptions& options,
    const Compute& compute,
    Progress& progress);

/// Planes (C, H, W) that a stage or node gives for the first image.
struct Planes {
    std::vector<std::int64_t> shape;
    std::vector<float> values;
};

Planes feature_maps(
    const ModelFile& model, Sample input, const std::string& stage, const PredictOptions& options);

}  // namespace georgia
