#include "georgia/engine/inference.h"

#include <ATen/ATen.h>
#include <numeric>
#include <string>
#include <vector>

#include "georgia/nn/execute.h"
#include "georgia/nn/zoo.h"

#include "catch.h"
#include "nn/filler.h"

using namespace georgia;

namespace {

/// A network whose normalisations do something.
struct Network {
    Graph graph;
    TensorMap weights;

    explicit Network(const std::string& name, const std::string& variant = "torchvision")
        : graph(build_network(spec_of(name, variant))), weights(fill_by_name(graph)) {}

    static NetworkSpec spec_of(const std::string& name, const std::string& variant) {
        NetworkSpec spec;
        spec.architecture = name;
        spec.variant = variant;
        spec.classes = 10;
        spec.height = spec.width = 96;
        return spec;
    }
};

at::Tensor images(std::int64_t count) {
    return uniform_by_name("images", {count, 3, 96, 96})
        .to(at::kFloat)
        .contiguous(at::MemoryFormat::ChannelsLast);
}

double relative_difference(const at::Tensor& got, const at::Tensor& expected) {
    return ((got - expected).abs().max() / expected.abs().max()).item<double>();
}

const Compute kFloat32{};
const Compute kBfloat16{c10::kCPU, Precision::kBfloat16};

}  // namespace

TEST_CASE("the plan answers what the plain network does") {
    const auto [name, variant] = GENERATE(
        table<std::string, std::string>(
            {{"resnet18", "torchvision"},
             {"resnet50", "keras"},
             {"vgg16_bn", "torchvision"},
             {"alexnet", "torchvision"},
             {"inception_v3", "torchvision"},
             {"squeezenet1_1", "torchvision"},
             {"convnext_tiny", "torchvision"},
             {"small_cnn", "torchvision"},
             {"logistic", "torchvision"}}));
    INFO(name);
    Network net(name, variant);
    const at::Tensor input = images(3);
    const at::Tensor before = input.clone();
    const at::Tensor expected = execute(net.graph, net.weights, input);

    const Inference wide(net.graph, net.weights, kFloat32, 96);
    CHECK(relative_difference(wide.logits(input), expected) < 1e-5);
    CHECK(at::equal(input, before));
    CHECK(relative_difference(wide.logits(input), expected) < 1e-5);  // nothing was overwritten

    // Eight bits of mantissa: both stray from float32, the plan no more than the plain network.
    const at::Tensor narrow_input = input.to(at::kBFloat16);
    const double plain =
        relative_difference(execute(net.graph, net.weights, narrow_input), expected);
    const Inference narrow(net.graph, net.weights, kBfloat16, 96);
    CHECK(relative_difference(narrow.logits(narrow_input), expected) < 1.5 * plain + 0.01);
}

TEST_CASE("answers do not depend on how many images come at once, nor on their size") {
    const Network net("resnet18");
    const Inference inference(net.graph, net.weights, kFloat32, 96);
    const at::Tensor many = images(19);
    const at::Tensor all = inference.logits(many);
    REQUIRE(all.sizes() == at::IntArrayRef({19, 10}));
    for (const std::int64_t i : {0, 7, 8, 18})
        CHECK(relative_difference(inference.logits(many.slice(0, i, i + 1)), all[i]) < 1e-5);

    Network same("resnet18");
    const at::Tensor larger = uniform_by_name("larger", {2, 3, 130, 110}).to(at::kFloat);
    CHECK(
        relative_difference(inference.logits(larger), execute(same.graph, same.weights, larger)) <
        1e-5);
}

TEST_CASE("parts of a network lead from node to node") {
    Network net("resnet18");
    const at::Tensor input = images(9);
    // The next block adds its branch to this very value.
    const NodeId middle = net.graph.find("layer2.0.relu");
    const at::Tensor expected =
        execute(net.graph, net.weights, {{0, input}}, at::kFloat, {middle})[0];
    const Inference trunk(net.graph, net.weights, kFloat32, 96, {{0}, {middle}});
    const std::vector<at::Tensor> values = trunk.run({input});
    CHECK(relative_difference(values[0], expected) < 1e-5);
    CHECK(at::allclose(trunk.features(input), expected.mean({2, 3}), 1e-4, 1e-5));

    const NodeId end = net.graph.output();
    const Inference rest(net.graph, net.weights, kFloat32, 96, {{middle}, {end}});
    const at::Tensor before = values[0].clone();
    const at::Tensor logits = execute(net.graph, net.weights, input);
    CHECK(relative_difference(rest.run(values)[0], logits) < 1e-5);
    CHECK(at::equal(values[0], before));

    // The value between two parts is wanted, too: it is not fused away, nor overwritten.
    const Inference both(net.graph, net.weights, kFloat32, 96, {{0}, {middle, end}});
    const std::vector<at::Tensor> two = both.run({input});
    CHECK(relative_difference(two[0], expected) < 1e-5);
    CHECK(relative_difference(two[1], logits) < 1e-5);
}

TEST_CASE("a plan names what each kernel computes, and times it") {
    const Network net("resnet18");
    const Inference inference(net.graph, net.weights, kFloat32, 96);
    const std::vector<PlanStep> plan = inference.plan();
    using Names = std::vector<std::string>;
    CHECK(plan[0].nodes == Names{"conv1", "bn1", "relu"});
    CHECK(plan[1].nodes == Names{"maxpool"});
    CHECK(
        plan[3].nodes == Names{"layer1.0.conv2", "layer1.0.bn2", "layer1.0.add", "layer1.0.relu"});
    // 20 convolutions, a maximum, a mean and the classifier.
    CHECK(plan.size() == 23);
    const std::vector<std::int64_t> counts = multiply_adds(net.graph, 96);
    std::int64_t total = 0;
    for (const PlanStep& step : plan) total += step.multiply_adds;
    CHECK(total == std::accumulate(counts.begin(), counts.end(), std::int64_t{0}));
    CHECK(plan.back().shape.sizes() == std::vector<std::int64_t>{10});
    for (const PlanStep& step : plan) CHECK(step.seconds == 0);
    for (const PlanStep& step : inference.timed_plan()) CHECK(step.seconds > 0);
}
