#include "georgia/train/optimizer.h"

#include <ATen/ATen.h>
#include <c10/core/GradMode.h>
#include <map>
#include <utility>

#include "georgia/base/error.h"

namespace georgia {

namespace {

/// The share of the learning rate of each stage.
std::map<std::string, double> rates_of(const Graph& graph, double layer_decay) {
    std::map<std::string, double> rates;
    const std::vector<std::string> stages = graph.stages();
    double rate = 1;
    for (auto stage = stages.rbegin(); stage != stages.rend(); ++stage, rate *= layer_decay)
        rates[*stage] = rate;
    return rates;
}

}  // namespace

Optimizer::Optimizer(const Graph& graph, const TensorMap& weights, const TrainOptions& options)
    : kind_(options.optimizer), momentum_(options.momentum), nesterov_(options.nesterov) {
    const std::map<std::string, double> rates = rates_of(graph, options.layer_decay);
    for (const TensorSpec& spec : tensor_specs(graph)) {
        const at::Tensor& parameter = weights.at(spec.name);
        if (!parameter.requires_grad()) continue;
        const bool decays = spec.kind == TensorKind::kWeight;
        Group& group = group_of(rates.at(spec.stage), decays ? options.weight_decay : 0);
        group.names.push_back(spec.name);
        group.parameters.push_back(parameter);
        group.first_moments.push_back(
            at::zeros_like(parameter, at::TensorOptions().requires_grad(false)));
        if (kind_ != OptimizerKind::kAdamW) continue;
        group.second_moments.push_back(at::zeros_like(group.first_moments.back()));
        group.steps.push_back(at::zeros({}, parameter.options().requires_grad(false)));
    }
}

Optimizer::Group& Optimizer::group_of(double rate, double weight_decay) {
    for (Group& group : groups_)
        if (group.rate == rate && group.weight_decay == weight_decay) return group;
    Group& group = groups_.emplace_back();
    group.rate = rate;
    group.weight_decay = weight_decay;
    return group;
}

std::vector<at::Tensor> Optimizer::Group::gradients() const {
    std::vector<at::Tensor> gradients;
    for (const at::Tensor& parameter : parameters) gradients.push_back(parameter.grad());
    return gradients;
}

at::Tensor Optimizer::gradient_norm() const {
    const c10::AutoGradMode no_gradients(false);
    std::vector<at::Tensor> norms;
    for (const Group& group : groups_)
        for (at::Tensor& norm : at::_foreach_norm(group.gradients()))
            norms.push_back(std::move(norm));
    return at::stack(norms).norm();
}

void Optimizer::scale_gradients(const at::Tensor& factor) {
    const c10::AutoGradMode no_gradients(false);
    for (const Group& group : groups_) at::_foreach_mul_(group.gradients(), factor);
}

void Optimizer::step(double learning_rate, const std::optional<at::Tensor>& masked) {
    const c10::AutoGradMode no_gradients(false);
    for (Group& group : groups_) step_group(group, learning_rate * group.rate, masked);
    clear_gradients();
}

void Optimizer::clear_gradients() {
    for (Group& group : groups_)
        for (at::Tensor& parameter : group.parameters) parameter.mutable_grad().reset();
}

void Optimizer::step_group(
    Group& group, double learning_rate, const std::optional<at::Tensor>& masked) {
    constexpr double kBeta2 = 0.999;
    constexpr double kEpsilon = 1e-8;
    const std::vector<at::Tensor> gradients = group.gradients();
    if (kind_ == OptimizerKind::kAdamW) {
        if (masked)
            at::_foreach_add_(group.steps, 1 - *masked);
        else
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
            /*maximize=*/false,
            /*grad_scale=*/{},
            masked);
    } else {
        at::_fused_sgd_(
            group.parameters,
            gradients,
            group.first_moments,
            group.weight_decay,
            momentum_,
            learning_rate,
            /*dampening=*/0,
            nesterov_,
            /*maximize=*/false,
            /*is_first_step=*/false,
            /*grad_scale=*/{},
            masked);
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
