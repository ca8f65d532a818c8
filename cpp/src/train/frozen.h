#pragma once

#include <optional>
#include <vector>

#include "georgia/engine/inference.h"
#include "georgia/nn/execute.h"

namespace georgia {

/// The way from the image through the longest leading run of stages that nothing changes, to the
/// values that are read then: stages that neither normalise by batch nor drop, which are those that
/// are not trained, and what only pools or reshapes their values. It ends nowhere if there are
/// none.
Route frozen_route(const Graph& graph, const ExecuteMode& mode, const std::vector<NodeId>& outputs);

/// The leading stages of a phase that stay as they are, ready to answer.
class FrozenPart {
  public:
    FrozenPart(
        const Graph& graph,
        const TensorMap& weights,
        const Compute& compute,
        Extent size,
        Route route);

    /// The nodes whose values it gives.
    const std::vector<NodeId>& ends() const {
        return route_.to;
    }

    /// Those values for images (N, C, H, W), normalised, in the computing type; in so many parts
    /// at least.
    std::vector<at::Tensor> values_of(const at::Tensor& input, std::int64_t parts) const {
        return inference_.run({input}, parts);
    }

    /// The same, so that on the CPU an image's values do not depend on how many others come with
    /// it: kernels of another number of images may add up in another order.
    std::vector<at::Tensor> even_values_of(const at::Tensor& input, std::int64_t parts) const;

    /// Of those values for one image.
    std::int64_t bytes_of_image() const {
        return bytes_;
    }

    /// SHA-256 of all that its values follow from but the images: nodes, weights, type, device and
    /// processor.
    std::string key() const;

    /// True where these weights, an average's for example, have the same frozen part.
    bool is_of(const TensorMap& weights) const;

  private:
    Route route_;
    TensorMap weights_;      // of the frozen part, shared with the network
    std::string structure_;  // of its nodes, in words
    Compute compute_;
    Extent size_;
    Inference inference_;
    std::int64_t bytes_ = 0;
};

}  // namespace georgia
