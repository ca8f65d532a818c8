#include "nn/head.h"

#include <ATen/ATen.h>
#include <cmath>
#include <string>
#include <vector>

#include "georgia/base/error.h"
#include "georgia/nn/execute.h"
#include "georgia/nn/zoo.h"

#include "catch.h"
#include "nn/drop.h"

using namespace georgia;

namespace {

NetworkSpec small_with(const HeadOptions& head) {
    NetworkSpec spec;
    spec.architecture = "squeezenet1_1";
    spec.head = head;
    return spec;
}

/// Operations of the layers of stage "head", with their names.
std::vector<std::string> head_layers(const std::string& preset) {
    const Graph graph = build_network(small_with(head_preset(preset)));
    std::vector<std::string> found;
    for (const Node& node : graph.nodes())
        if (node.stage == "head") found.push_back(node.name);
    return found;
}

at::Tensor logits_of(std::uint64_t seed, std::uint32_t step, const std::set<std::string>& drop) {
    NetworkSpec spec = small_with(head_preset("concat"));
    spec.classes = 3;
    const Graph graph = build_network(spec);
    TensorMap weights = initial_weights(graph, 5);
    const at::Tensor input = at::linspace(-1, 1, 4 * 3 * 48 * 48).view({4, 3, 48, 48});
    return execute(graph, weights, input, {{}, drop, {seed, 0, step}});
}

}  // namespace

TEST_CASE("presets are the layers that their names promise") {
    using Names = std::vector<std::string>;
    CHECK(
        head_layers("dense") == Names{
                                    "head.average",
                                    "head.fc1",
                                    "head.relu1",
                                    "head.norm1",
                                    "head.dropout1",
                                    "head.fc2",
                                    "head.relu2",
                                    "head.dropout2",
                                    "head.out"});
    CHECK(
        head_layers("concat") == Names{
                                     "head.average",
                                     "head.maximum",
                                     "head.pooled",
                                     "head.norm0",
                                     "head.dropout0",
                                     "head.fc1",
                                     "head.relu1",
                                     "head.norm1",
                                     "head.dropout1",
                                     "head.out"});
    CHECK_THROWS_WITH(head_preset("deep"), ContainsSubstring("linear, dense, concat, one_logit"));
}

TEST_CASE("options that fit no layer are refused") {
    HeadOptions head{HeadPool::kAverage, {8}, {0.5}, {}, false};
    CHECK_THROWS_WITH(head.validate(), ContainsSubstring("expected 2, got 1"));
    head.dropout = {};
    head.batch_norm = {2};
    CHECK_THROWS_WITH(head.validate(), ContainsSubstring("batch_norm"));
    head.batch_norm = {};
    head.validate();
    head.pool = HeadPool::kOwn;
    CHECK_THROWS_WITH(head.validate(), ContainsSubstring("pool"));
    head.pool = HeadPool::kAverage;
    head.hidden = {0};
    CHECK_THROWS_AS(head.validate(), InvalidOption);
}

TEST_CASE("cross-entropy of one logit has the gradient of binary cross-entropy") {
    const Graph graph = build_network(small_with(head_preset("one_logit")));
    TensorMap weights = initial_weights(graph, 5);
    at::Tensor& weight = weights.at("head.out.weight");
    REQUIRE(weight.size(0) == 1);
    const at::Tensor input = at::linspace(-1, 1, 4 * 3 * 48 * 48).view({4, 3, 48, 48});
    const at::Tensor labels = at::tensor({0, 1, 1, 0}, at::kLong);

    weight.requires_grad_();
    const at::Tensor logits = execute(graph, weights, input);
    CHECK(at::equal(logits.select(1, 0), at::zeros({4})));
    at::cross_entropy_loss(logits, labels).backward();
    const at::Tensor gradient = weight.grad().clone();

    weight.mutable_grad().reset();
    const at::Tensor z = execute(graph, weights, input).select(1, 1);
    at::binary_cross_entropy_with_logits(z, labels.to(at::kFloat)).backward();
    CHECK(gradient.abs().max().item<double>() > 0);
    CHECK(at::allclose(gradient, weight.grad(), 1e-6, 0));  // the last bits of two formulas
}

TEST_CASE("dropout follows its key, and only where it may") {
    const at::Tensor calm = logits_of(1, 0, {});
    const at::Tensor dropped = logits_of(1, 0, {"head"});
    CHECK(at::equal(calm, logits_of(2, 7, {})));
    CHECK(at::equal(calm, logits_of(1, 0, {"stage3"})));
    CHECK_FALSE(at::equal(calm, dropped));
    CHECK(at::equal(dropped, logits_of(1, 0, {"head"})));
    CHECK_FALSE(at::equal(dropped, logits_of(1, 1, {"head"})));
    CHECK_FALSE(at::equal(dropped, logits_of(2, 0, {"head"})));
}

TEST_CASE("dropout keeps the expected share and the mean, per value or per image") {
    const at::Tensor ones = at::ones({200, 3, 8, 8});
    const at::Tensor values = dropped_values(ones, 0.25, {1, 2, 3}, 4);
    const at::Tensor images = dropped_images(ones, 0.25, {1, 2, 3}, 4);
    for (const at::Tensor& x : {values, images}) {
        const at::Tensor is_kept = x != 0;
        CHECK(at::allclose(x.masked_select(is_kept), at::full({1}, 1 / 0.75f)));
    }
    // Five standard deviations of a share of 38,400 values, and of 200 images.
    CHECK(std::abs((values != 0).to(at::kFloat).mean().item<double>() - 0.75) < 0.011);
    CHECK(std::abs((images != 0).to(at::kFloat).mean().item<double>() - 0.75) < 0.155);
    const at::Tensor flat = images.flatten(1);
    CHECK(at::equal(flat, flat.select(1, 0).unsqueeze(1).expand_as(flat)));
    CHECK_FALSE(at::equal(values, dropped_values(ones, 0.25, {1, 2, 3}, 5)));
}
