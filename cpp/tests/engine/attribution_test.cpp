#include "georgia/engine/attribution.h"

#include <ATen/ATen.h>
#include <array>
#include <string>
#include <vector>

#include "georgia/base/error.h"
#include "georgia/nn/execute.h"
#include "georgia/nn/zoo.h"

#include "catch.h"
#include "nn/filler.h"

using namespace georgia;

namespace {

constexpr std::int64_t kSize = 96;

struct Network {
    Graph graph;
    TensorMap weights;

    explicit Network(const std::string& name, std::int64_t classes = 4, bool one_logit = false)
        : graph(build_network(spec_of(name, classes, one_logit))), weights(fill_by_name(graph)) {}

    static NetworkSpec spec_of(const std::string& name, std::int64_t classes, bool one_logit) {
        NetworkSpec spec;
        spec.architecture = name;
        spec.classes = classes;
        spec.height = spec.width = kSize;
        if (one_logit) spec.head = head_preset("one_logit");
        return spec;
    }

    at::Tensor logits(const at::Tensor& input) {
        return execute(graph, weights, input);
    }
};

at::Tensor images(std::int64_t count) {
    return uniform_by_name("images", {count, 3, kSize, kSize}).to(at::kFloat);
}

}  // namespace

TEST_CASE("log odds are those of the softmax") {
    const at::Tensor logits = at::tensor({1.0F, 2.0F, -1.0F, 0.5F}).view({2, 2});
    const std::vector<std::int64_t> classes{1, 0};
    const at::Tensor odds = log_odds(logits, classes);
    CHECK(odds[0].item<double>() == Approx(1));
    CHECK(odds[1].item<double>() == Approx(-1.5));
}

TEST_CASE("Grad-CAM of averaged planes is the classifier's weights on the planes") {
    // Behind the last planes are a mean and a linear layer: the gradient is known.
    Network network("resnet18");
    const at::Tensor input = images(3);
    const std::vector<std::int64_t> classes{0, 2, 3};
    const NodeId node = last_planes(network.graph, kSize);
    const at::Tensor map = attribute(
        network.graph, network.weights, {input, classes, node, AttributionMethod::kGradCam});

    const at::Tensor planes =
        execute(network.graph, network.weights, {{0, input}}, at::kFloat, {node})[0];
    const at::Tensor weight = network.weights.at("fc.weight");  // (K, C)
    for (std::int64_t i = 0; i < 3; ++i) {
        const std::int64_t k = classes[static_cast<std::size_t>(i)];
        at::Tensor others = network.logits(input)[i].clone();
        others[k] = -1e9;
        const at::Tensor slope = weight[k] - at::matmul(others.softmax(0), weight);
        const double pixels = static_cast<double>(planes.size(2) * planes.size(3));
        const at::Tensor expected = (planes[i] * (slope / pixels).view({-1, 1, 1}))
                                        .sum(0)
                                        .relu()
                                        .view({1, 1, planes.size(2), planes.size(3)});
        const at::Tensor large =
            at::upsample_bilinear2d(expected, std::array{kSize, kSize}, false)[0][0];
        CHECK(map[i].sizes() == at::IntArrayRef({kSize, kSize}));
        const double scale = large.abs().max().item<double>();
        REQUIRE(scale > 0);
        CHECK((map[i] - large).abs().max().item<double>() < 1e-4 * scale);  // sums in another order
    }
}

TEST_CASE("LayerCAM may look at any planes, and gives other maps than Grad-CAM") {
    for (const std::string name : {"resnet18", "inception_v3", "squeezenet1_1", "convnext_tiny"}) {
        Network network(name);
        const at::Tensor input = images(2);
        const std::vector<std::int64_t> classes{1, 2};
        int differing = 0;
        for (const std::string& stage : network.graph.stages()) {
            const NodeId node = network.graph.find(stage);
            if (infer_shapes(network.graph, kSize)[node].height == 1) continue;
            CAPTURE(name, stage);
            const at::Tensor map = attribute(
                network.graph,
                network.weights,
                {input, classes, node, AttributionMethod::kLayerCam});
            const at::Tensor other = attribute(
                network.graph,
                network.weights,
                {input, classes, node, AttributionMethod::kGradCam});
            CHECK(map.min().item<double>() >= 0);
            CHECK(map.isfinite().all().item<bool>());
            if (!at::allclose(map / map.max(), other / other.max(), 1e-2, 1e-3)) ++differing;
        }
        CHECK(differing > 0);
    }
}

TEST_CASE("integrated gradients sum to the difference of the evidence") {
    Network network("small_cnn");
    const at::Tensor input = images(2);
    const std::vector<std::int64_t> classes{1, 3};
    const at::Tensor map = attribute(
        network.graph,
        network.weights,
        {input, classes, 0, AttributionMethod::kIntegratedGradients});
    const at::Tensor gain = log_odds(network.logits(input), classes) -
                            log_odds(network.logits(at::zeros_like(input)), classes);
    for (std::int64_t i = 0; i < 2; ++i)  // 32 steps of an integral with kinks
        CHECK(map[i].sum().item<double>() == Approx(gain[i].item<double>()).epsilon(0.05));
}

TEST_CASE("a class whose logit is always 0 is explained too") {
    Network network("resnet18", 2, /*one_logit=*/true);
    const at::Tensor input = images(1);
    const auto map_of = [&](std::int64_t k) {
        const std::vector<std::int64_t> classes{k};
        return attribute(
            network.graph,
            network.weights,
            {input, classes, last_planes(network.graph, kSize), AttributionMethod::kGradCam});
    };
    CHECK(map_of(0).max().item<double>() > 0);
    CHECK_FALSE(at::equal(map_of(0), map_of(1)));
}

TEST_CASE("what gives no planes is refused") {
    Network network("resnet18");
    const std::vector<std::int64_t> classes{0};
    const auto ask = [&](NodeId node) {
        return attribute(
            network.graph,
            network.weights,
            {images(1), classes, node, AttributionMethod::kGradCam});
    };
    CHECK_THROWS_AS(ask(network.graph.output()), InvalidOption);
    CHECK_THROWS_AS(ask(network.graph.find("features")), InvalidOption);
}
