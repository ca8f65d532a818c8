#pragma once

#include <ATen/core/Tensor.h>
#include <optional>
#include <string>
#include <vector>

#include "georgia/nn/graph.h"
#include "georgia/nn/parameters.h"
#include "georgia/train/options.h"

namespace georgia {

/// Updates the trainable tensors of a network from their gradients, many in one call.
///
/// adamw: Loshchilov and Hutter, "Decoupled weight decay regularization", ICLR 2019, beta 2 .999,
/// epsilon 1e-8. sgd: with momentum, Nesterov's too, as torch defines it. Weight decay acts on
/// weights alone, never on biases or normalisation. Layer decay multiplies the rate of a stage once
/// for every stage between it and the head (Clark et al., "ELECTRA", ICLR 2020).
class Optimizer {
  public:
    /// Takes the tensors that require gradients.
    Optimizer(const Graph& graph, const TensorMap& weights, const TrainOptions& options);

    /// Euclidean norm of all gradients together, () float32.
    at::Tensor gradient_norm() const;

    /// Scales all gradients by a () tensor.
    void scale_gradients(const at::Tensor& factor);

    /// One update, none where `masked`, () float32, is 1; gradients are cleared.
    void step(double learning_rate, const std::optional<at::Tensor>& masked = {});

    void clear_gradients();

    /// State by name, to be saved; copy_state puts it back into an optimizer made alike.
    TensorMap state() const;
    void copy_state(const TensorMap& saved);

  private:
    /// Tensors that share rate and weight decay.
    struct Group {
        double rate = 1;  ///< share of the learning rate
        double weight_decay = 0;
        std::vector<std::string> names;
        std::vector<at::Tensor> parameters;
        std::vector<at::Tensor> first_moments;   // adamw: mean of gradients; sgd: momentum
        std::vector<at::Tensor> second_moments;  // adamw alone
        std::vector<at::Tensor> steps;           // adamw alone, () float32

        std::vector<at::Tensor> gradients() const;
    };

    Group& group_of(double rate, double weight_decay);
    void step_group(Group& group, double learning_rate, const std::optional<at::Tensor>& masked);

    OptimizerKind kind_;
    double momentum_;
    bool nesterov_;
    std::vector<Group> groups_;
};

}  // namespace georgia
