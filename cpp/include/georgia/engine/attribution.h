#pragma once

#include <ATen/core/Tensor.h>
#include <array>
#include <span>
#include <string_view>
#include <vector>

#include "georgia/base/options.h"
#include "georgia/nn/graph.h"
#include "georgia/nn/parameters.h"
#include "georgia/nn/shapes.h"

namespace georgia {

/// How a map of evidence is made.
enum class AttributionMethod {
    kGradCam,             ///< R. Selvaraju et al., ICCV 2017
    kLayerCam,            ///< P.-T. Jiang et al., IEEE Transactions on Image Processing 30, 2021
    kIntegratedGradients  ///< M. Sundararajan et al., ICML 2017, from an image of the mean colour
};

template <>
struct EnumNames<AttributionMethod> {
    static constexpr std::array<std::string_view, 3> kNames{
        "grad-cam", "layer-cam", "integrated gradients"};
};

/// What is to be explained.
struct Question {
    at::Tensor input;                       ///< (N, C, H, W) float32, normalised
    std::span<const std::int64_t> classes;  ///< (N) which class of each image
    NodeId node = 0;                        ///< of the planes that are looked at; not for gradients
    AttributionMethod method = AttributionMethod::kGradCam;
};

/// The last node on the way to the logits that gives planes of more than one pixel.
NodeId last_planes(const Graph& graph, Extent size);

/// Maps (N, H, W) float32 of what in each image speaks for its class, as far as the network goes:
/// the higher, the more. CAMs are at least 0; integrated gradients sum to what the image has more
/// evidence than the mean colour.
///
/// A class is explained by its logit less the log of the summed exponentials of the others, its log
/// odds, so that the class whose logit is always 0 has an explanation too. Throws InvalidOption
/// where the node gives no planes or the logits do not depend on it.
at::Tensor attribute(const Graph& graph, TensorMap& weights, const Question& question);

/// Log odds (N) of a class for each row of logits (N, K).
at::Tensor log_odds(const at::Tensor& logits, std::span<const std::int64_t> classes);

}  // namespace georgia
