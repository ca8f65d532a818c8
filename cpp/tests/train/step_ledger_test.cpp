#include "train/step_ledger.h"

#include <ATen/ATen.h>
#include <limits>

#include "georgia/nn/trainable.h"

#include "catch.h"

using namespace georgia;

namespace {

constexpr double kNan = std::numeric_limits<double>::quiet_NaN();

StepResult step_of(double loss, std::int64_t correct, double norm) {
    return {
        at::scalar_tensor(loss, at::kDouble),
        at::scalar_tensor(correct, at::kLong),
        at::scalar_tensor(norm, at::kFloat)};
}

}  // namespace

TEST_CASE("a ledger's sums do not depend on when it is read") {
    StepLedger often(at::kCPU);
    StepLedger seldom(at::kCPU, {1, 2, 3, 0});
    RunningSums sums{1, 2, 3, 0};
    for (int i = 0; i < 60; ++i) {
        often = StepLedger(at::kCPU, sums);
        for (StepLedger* ledger : {&often, &seldom}) ledger->add(step_of(.1 * i, i, 1), 7, .5);
        const StepReading reading = often.read();
        sums = {reading.loss, reading.correct, reading.seen, 0};
        if (i % 50 == 49) seldom.read();
    }
    CHECK(seldom.unread() == 10);
    const StepReading reading = seldom.read();
    CHECK(reading.loss == sums.loss);
    CHECK(reading.correct == 2 + 59 * 30);
    CHECK(reading.seen == 3 + 60 * 7);
    CHECK(reading.finite_steps == 10);
    CHECK(reading.last_loss == Approx(5.9));
    CHECK_FALSE(reading.diverged);
    CHECK(seldom.unread() == 0);
}

TEST_CASE("a ledger tells of the first step that was not finite") {
    StepLedger ledger(at::kCPU);
    ledger.add(step_of(1, 1, 2), 4, .1);
    CHECK(ledger.diverged().item<float>() == 0);
    const bool is_loss = GENERATE(true, false);
    ledger.add(is_loss ? step_of(kNan, 1, 3) : step_of(5, 1, kNan), 4, .2);
    CHECK(ledger.diverged().item<float>() == 1);
    ledger.add(step_of(7, 1, 8), 4, .3);
    CHECK(ledger.diverged().item<float>() == 1);
    const StepReading reading = ledger.read();
    CHECK(reading.diverged);
    CHECK(reading.finite_steps == 1);
    CHECK(reading.last_rate == .2);
    CHECK(std::isnan(is_loss ? reading.last_loss : reading.last_norm));
    CHECK((is_loss ? reading.last_norm : reading.last_loss) == (is_loss ? 3 : 5));
}

TEST_CASE("updates after the first step that was not finite change nothing") {
    Graph graph{2};
    graph.begin_stage("head");
    graph.linear("fc", 0, 2);
    TensorMap weights = initial_weights(graph, 5);
    set_trainable(graph, weights, stages_named(graph, {"all"}));
    TrainOptions options;
    options.optimizer = GENERATE(OptimizerKind::kAdamW, OptimizerKind::kSgd);
    Optimizer optimizer(graph, weights, options);
    StepLedger ledger(at::kCPU);
    const auto update = [&](double gradient) {
        for (auto& [name, tensor] : weights)
            tensor.mutable_grad() = at::full_like(tensor.detach(), gradient);
        StepResult step = step_of(1, 1, 1);
        step.gradient_norm = optimizer.gradient_norm();
        ledger.add(step, 1, .1);
        optimizer.step(.1, ledger.diverged());
        CHECK_FALSE(weights.at("fc.weight").grad().defined());
    };
    const auto copies = [&] {
        TensorMap all = optimizer.state();
        all["weight"] = weights.at("fc.weight").detach();
        for (auto& [name, tensor] : all) tensor = tensor.clone();
        return all;
    };
    const TensorMap before = copies();
    update(1);
    const TensorMap moved = copies();
    update(kNan);
    update(1);
    for (const auto& [name, tensor] : copies()) {
        INFO(name);
        CHECK_FALSE(at::equal(before.at(name), moved.at(name)));
        CHECK(at::equal(tensor, moved.at(name)));
    }
}
