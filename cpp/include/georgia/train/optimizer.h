#pragma once

#include <ATen/core/Tensor.h>
#include <string>
#include <vector>

#include "georgia/nn/graph.h"
#include "georgia/nn/parameters.h"
#include "georgia/train/options.h"

namespace georgia {

/// Updates the trainable tensors of a network from their gradients, many in one call.
///
/// adamw: Loshchilov and Hutter, "Decoupled weight decay regularization", ICLR 2019, beta 2 .999,
/// epsilon 1e-8. sgd: with momentum as torch defines it. Weight decay acts on weights alone, never
/// on biases or normalisation.
class Optimizer {
  public:
    /// Takes the tensors that require gradients.
    Optimizer(const Graph& graph, const TensorMap& weights, const TrainOptions& options);

    /// One update; gradients are cleared.
    void step(double learning_rate);

    /// State by name, to be saved; copy_state puts it back into an optimizer made alike.
    TensorMap state() const;
    void copy_state(const TensorMap& saved);

  private:
    /// Tensors that share a weight decay.
    struct Group {
        double weight_decay = 0;
        std::vector<std::string> names;
        std::vector<at::Tensor> parameters;
        std::vector<at::Tensor> first_moments;   // adamw: mean of gradients; sgd: momentum
        std::vector<at::Tensor> second_moments;  // adamw alone
        std::vector<at::Tensor> steps;           // adamw alone, () float32
    };

    void step_group(Group& group, double learning_rate);

    OptimizerKind kind_;
    double momentum_;
    std::vector<Group> groups_;
};

}  // namespace georgia
