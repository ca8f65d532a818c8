#pragma once

#include <ATen/core/Tensor.h>
#include <memory>
#include <string>
#include <vector>

#include "georgia/nn/graph.h"
#include "georgia/nn/parameters.h"
#include "georgia/nn/precision.h"
#include "georgia/nn/shapes.h"

namespace georgia {

/// A part of a network: from nodes whose values are given to nodes whose values are wanted.
struct Route {
    std::vector<NodeId> from{0};
    std::vector<NodeId> to;
};

/// A kernel of an inference plan.
struct PlanStep {
    std::vector<std::string> nodes;  ///< names of what it computes at once
    Operation operation;             ///< of the layer that leads it
    Shape shape;                     ///< of its output for one image
    std::int64_t multiply_adds = 0;  ///< for one image
    double seconds = 0;              ///< for one image, where that was asked
};

/// (N, D) float32 of what a node gives; planes are averaged.
at::Tensor as_features(const at::Tensor& values);

/// A network, or a part of one, ready to answer: a flat plan of kernels, batch normalisation folded
/// into weights, convolutions with addition and activation in one kernel, weights laid out as the
/// kernels want them, in the computing type. Nothing is trained. It may be used by several threads
/// at once.
class Inference {
  public:
    /// For images of that size; others the network takes are computed too, only slower. The
    /// weights are copied where the plan changes them, shared where not.
    Inference(
        const Graph& graph,
        const TensorMap& weights,
        const Compute& compute,
        Extent size,
        const Route& route);

    /// The whole network.
    Inference(const Graph& graph, const TensorMap& weights, const Compute& compute, Extent size);

    ~Inference();
    Inference(Inference&&) noexcept;

    /// Images that the CPU computes at once: more leave the cache between two layers, fewer leave
    /// cores idle.
    static constexpr std::int64_t kAtOnce = 8;

    /// What the nodes of the route's end give for what those of its beginning do, by route; in so
    /// many parts at least.
    std::vector<at::Tensor> run(const std::vector<at::Tensor>& given, std::int64_t parts = 1) const;

    /// Of the last node alone: logits (N, K) float32 of input (N, C, H, W) in the computing type.
    at::Tensor logits(const at::Tensor& input) const;

    /// Of the last node alone: (N, D) float32; planes are averaged.
    at::Tensor features(const at::Tensor& input) const;

    /// What is computed in which order.
    std::vector<PlanStep> plan() const;

    /// The same with the seconds that each step takes for one image, the least of a few rounds.
    std::vector<PlanStep> timed_plan() const;

    const Compute& compute() const {
        return compute_;
    }

  private:
    struct Kernels;

    Compute compute_;
    std::unique_ptr<const Kernels> kernels_;
};

}  // namespace georgia
