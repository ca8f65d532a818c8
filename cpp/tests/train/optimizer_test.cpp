#include "georgia/train/optimizer.h"

#include <ATen/ATen.h>
#include <cmath>

#include "georgia/base/error.h"
#include "georgia/nn/trainable.h"

#include "catch.h"

using namespace georgia;

namespace {

/// A linear layer's weight (decays) and bias (does not), with gradients that change every step.
struct Problem {
    Graph graph{2};
    TensorMap weights;

    Problem() {
        graph.begin_stage("head");
        graph.linear("fc", 0, 2);
        weights = initial_weights(graph, 5);
        set_trainable(graph, weights, stages_named(graph, {"all"}));
    }

    void set_gradients(int step) {
        for (auto& [name, tensor] : weights)
            tensor.mutable_grad() = at::full_like(tensor.detach(), std::sin(step + 1.0));
    }
};

}  // namespace

TEST_CASE("adamw equals its formula, with weight decay on weights alone") {
    Problem problem;
    TrainOptions options;
    options.weight_decay = 0.1;
    Optimizer optimizer(problem.graph, problem.weights, options);
    for (const char* name : {"fc.weight", "fc.bias"}) {
        INFO(name);
        Problem own;
        Optimizer own_optimizer(own.graph, own.weights, options);
        double value = own.weights.at(name).flatten()[0].item<double>();
        double m = 0;
        double v = 0;
        const double decay = std::string(name) == "fc.weight" ? 0.1 : 0;
        for (int step = 0; step < 10; ++step) {
            const double rate = 0.01 * (step + 1);
            own.set_gradients(step);
            own_optimizer.step(rate);
            const double g = std::sin(step + 1.0);
            m = 0.9 * m + 0.1 * g;
            v = 0.999 * v + 0.001 * g * g;
            value -= rate * decay * value;
            value -= rate * (m / (1 - std::pow(0.9, step + 1))) /
                     (std::sqrt(v / (1 - std::pow(0.999, step + 1))) + 1e-8);
            CHECK(own.weights.at(name).flatten()[0].item<double>() == Approx(value).epsilon(1e-5));
            CHECK_FALSE(own.weights.at(name).grad().defined());
        }
    }
}

TEST_CASE("sgd equals its formula") {
    Problem problem;
    TrainOptions options;
    options.optimizer = OptimizerKind::kSgd;
    options.weight_decay = 0.1;
    Optimizer optimizer(problem.graph, problem.weights, options);
    double value = problem.weights.at("fc.weight").flatten()[0].item<double>();
    double momentum = 0;
    for (int step = 0; step < 10; ++step) {
        problem.set_gradients(step);
        optimizer.step(0.05);
        momentum = 0.9 * momentum + std::sin(step + 1.0) + 0.1 * value;
        value -= 0.05 * momentum;
        CHECK(
            problem.weights.at("fc.weight").flatten()[0].item<double>() ==
            Approx(value).epsilon(1e-5));
    }
}

TEST_CASE("saved state continues exactly") {
    for (const OptimizerKind kind : {OptimizerKind::kAdamW, OptimizerKind::kSgd}) {
        TrainOptions options;
        options.optimizer = kind;
        Problem a;
        Optimizer first(a.graph, a.weights, options);
        a.set_gradients(0);
        first.step(0.1);
        Problem b;
        for (auto& [name, tensor] : b.weights) tensor.detach().copy_(a.weights.at(name).detach());
        Optimizer second(b.graph, b.weights, options);
        second.copy_state(first.state());
        a.set_gradients(1);
        b.set_gradients(1);
        first.step(0.1);
        second.step(0.1);
        for (const auto& [name, tensor] : a.weights) CHECK(at::equal(tensor, b.weights.at(name)));
        CHECK_THROWS_AS(second.copy_state({}), BadInput);
    }
}
