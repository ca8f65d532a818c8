#pragma once

#include <ATen/core/Tensor.h>
#include <optional>
#include <vector>

#include "georgia/nn/graph.h"
#include "georgia/nn/parameters.h"
#include "georgia/nn/precision.h"
#include "georgia/nn/shapes.h"

#include "engine/fusion.h"

namespace georgia {

/// A convolution or linear layer as one kernel: scales folded into the weights, addition and
/// activation done where the sums still are in registers.
///
/// On the CPU through oneDNN, with the weights laid out beforehand as it wants them; elsewhere, and
/// where torch has no such operators, as a few plain ones.
class FusedLayer {
  public:
    /// How a layer is to be computed; other inputs are computed too, only slower.
    struct Setting {
        Compute compute;
        Shape input;              ///< of one image
        std::int64_t images = 1;  ///< at once
        bool may_pack = true;     ///< false: by plain operators everywhere
    };

    FusedLayer(
        const Graph& graph,
        const FusedNodes& nodes,
        const TensorMap& weights,
        const Setting& setting);

    /// The value of the last node. `added` may be overwritten by it where nobody reads it again.
    at::Tensor operator()(
        const at::Tensor& x, const std::optional<at::Tensor>& added, bool may_overwrite) const;

  private:
    /// Puts what follows channel by channel into weight and bias.
    void fold(const Graph& graph, const std::vector<NodeId>& scales, const TensorMap& weights);

    at::Tensor convolution(
        const at::Tensor& x, const std::optional<at::Tensor>& added, bool may_overwrite) const;
    at::Tensor linear(const at::Tensor& x) const;
    at::Tensor activated(at::Tensor x) const;

    bool is_convolution_;
    Attributes attributes_;  // the layer's, with all its padding
    std::optional<Operation> activation_;
    at::Tensor weight_;
    std::optional<at::Tensor> bias_;
    bool is_packed_;  // computed by oneDNN's operators
};

}  // namespace georgia
