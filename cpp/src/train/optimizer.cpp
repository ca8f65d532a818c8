#include "georgia/train/optimizer.h"

#include <ATen/ATen.h>
#include <c10/core/GradMode.h>
#include <utility>

#include "georgia/base/error.h"

namespace georgia {

Optimizer::Optimizer(const Graph& graph, const TensorMap& weights, const TrainOptions& options)
    : kind_(options.optimizer), momentum_(options.momentum), groups_(2) {
    groups_[0].weight_decay = options.weight_decay;
    for (const TensorSpec& spec : tensor_specs(graph)) {
        const at::Tensor& parameter = weights.at(spec.name);
        if (!parameter.requires_grad()) continue;
        Group& group = groups_[spec.kind == TensorKind::kWeight ? 0 : 1];
        group.names.push_back(spec.name);
        group.parameters.push_back(parameter);
        group.first_moments.push_back(
            at::zeros_like(parameter, at::TensorOptions().requires_grad(false)));
        if (kind_ != OptimizerKind::kAdamW) continue;
        group.second_moments.push_back(at::zeros_like(group.first_moments.back()));
        group.steps.push_back(at::zeros({}, parameter.options().requires_grad(false)));
    }
}

void Optimizer::step(double learning_rate) {
    const c10::AutoGradMode no_gradients(false);
    for (Group& group : groups_)
        if (!group.parameters.empty()) step_group(group, learning_rate);
}

void Optimizer::step_group(Group& group, double learning_rate) {
    constexpr double kBeta2 = 0.999;
    constexpr double kEpsilon = 1e-8;
    std::vector<at::Tensor> gradients;
    for (at::Tensor& parameter : group.parameters)
        gradients.push_back(std::exchange(parameter.mutable_grad(), {}));
    if (kind_ == OptimizerKind::kAdamW) {
        at::_foreach_add_(group.steps, 1);
        at::_fused_adamw_(
            group.parameters,
            gradients,
            group.first_moments,
            group.second_moments,
            /*max_exp_avg_sqs=*/{},
            group.steps,
            learning_rate,
            momentum_,
            kBeta2,
            group.weight_decay,
            kEpsilon,
            /*amsgrad=*/false,
            /*maximize=*/false);
    } else {
        at::_fused_sgd_(
            group.parameters,
            gradients,
            group.first_moments,
            group.weight_decay,
            momentum_,
            learning_rate,
            /*dampening=*/0,
            /*nesterov=*/false,
            /*maximize=*/false,
            /*is_first_step=*/false);
    }
}

TensorMap Optimizer::state() const {
    TensorMap saved;
    for (const Group& group : groups_) {
        for (std::size_t i = 0; i < group.names.size(); ++i) {
            saved["first." + group.names[i]] = group.first_moments[i];
            if (kind_ != OptimizerKind::kAdamW) continue;
            saved["second." + group.names[i]] = group.second_moments[i];
            saved["step." + group.names[i]] = group.steps[i];
        }
    }
    return saved;
}

void Optimizer::copy_state(const TensorMap& saved) {
    for (auto& [name, tensor] : state()) {
        const auto found = saved.find(name);
        if (found == saved.end() || found->second.sizes() != tensor.sizes())
            throw BadInput("resume", name, "the checkpoint's optimizer does not fit the network");
        at::Tensor target = tensor;
        target.copy_(found->second);
    }
}

}  // namespace georgia
