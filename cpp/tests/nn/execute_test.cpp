#include "georgia/nn/execute.h"

#include <ATen/ATen.h>
#include <algorithm>
#include <numeric>

#include "georgia/base/error.h"
#include "georgia/nn/shapes.h"
#include "georgia/nn/trainable.h"
#include "georgia/nn/zoo.h"

#include "catch.h"

using namespace georgia;

namespace {

struct Network {
    Graph graph;
    TensorMap weights;
};

Network resnet18() {
    NetworkSpec spec;
    spec.classes = 4;
    Graph graph = build_network(spec);
    TensorMap weights = initial_weights(graph, 3);
    return {std::move(graph), std::move(weights)};
}

at::Tensor input() {
    return at::linspace(-1, 1, 4 * 3 * 32 * 32)
        .view({4, 3, 32, 32})
        .contiguous(at::MemoryFormat::ChannelsLast);
}

}  // namespace

TEST_CASE("frozen stages compute no gradient, and the input is left as it was") {
    Network net = resnet18();
    const std::set<std::string> trainable{"stage4", "head"};
    set_trainable(net.graph, net.weights, trainable);
    const at::Tensor x = input();
    const at::Tensor before = x.clone();
    execute(net.graph, net.weights, x, {trainable, {}, {}}).sum().backward();
    CHECK(at::equal(x, before));
    for (const TensorSpec& spec : tensor_specs(net.graph)) {
        INFO(spec.name);
        const bool has_gradient = net.weights.at(spec.name).grad().defined();
        CHECK(has_gradient == (spec.is_trained() && trainable.contains(spec.stage)));
    }
}

TEST_CASE("frozen batch normalisation keeps its statistics unless told otherwise") {
    for (const bool train_norm : {false, true}) {
        Network net = resnet18();
        std::set<std::string> by_batch{"head"};
        if (train_norm)
            for (const std::string& stage : net.graph.stages()) by_batch.insert(stage);
        const at::Tensor before = net.weights.at("bn1.running_mean").clone();
        execute(net.graph, net.weights, input(), {by_batch, {}, {}});
        CHECK(at::equal(net.weights.at("bn1.running_mean"), before) == !train_norm);
        CHECK(net.weights.at("bn1.num_batches_tracked").item<int>() == (train_norm ? 1 : 0));
    }
}

TEST_CASE("bfloat16 stays near float32, with float32 logits and gradients") {
    Network net = resnet18();
    const auto all = stages_named(net.graph, {"all"});
    set_trainable(net.graph, net.weights, all);
    const at::Tensor wide = execute(net.graph, net.weights, input());
    const at::Tensor narrow =
        execute(net.graph, net.weights, input().to(at::kBFloat16), {all, {}, {}});
    CHECK(narrow.scalar_type() == at::kFloat);
    narrow.sum().backward();
    CHECK(net.weights.at("conv1.weight").grad().scalar_type() == at::kFloat);
    Network fresh = resnet18();  // the pass above has moved the running statistics
    const at::Tensor rounded = execute(fresh.graph, fresh.weights, input().to(at::kBFloat16));
    // Eight bits of mantissa through eighteen layers.
    CHECK((rounded - wide).abs().max().item<double>() < 0.1 * wide.abs().max().item<double>());
}

TEST_CASE("unfreezing costs trained values and multiply-adds") {
    NetworkSpec spec;
    spec.architecture = "resnet101";
    spec.variant = "keras";
    const Graph graph = build_network(spec);
    const auto cost_of = [&](const char* name) {
        return training_cost(graph, 224, stages_named(graph, {name}));
    };
    const TrainingCost head = cost_of("head");
    const TrainingCost last = cost_of("last:0.1");
    const TrainingCost all = cost_of("all");
    CHECK(last.stages == std::vector<std::string>{"stage4", "head"});
    CHECK(cost_of("last:0").stages == std::vector<std::string>{"head"});
    CHECK(cost_of("last:1").stages == graph.stages());
    CHECK((head.trained < last.trained && last.trained < all.trained));
    CHECK((head.multiply_adds < last.multiply_adds && last.multiply_adds < all.multiply_adds));
    CHECK(all.frozen == 0);
    CHECK(all.trained == count_parameters(graph));
    CHECK(head.trained + head.frozen == all.trained);
    // Three times forward, less the gradient of the picture.
    const std::vector<std::int64_t> forward = multiply_adds(graph, 224);
    const std::int64_t once = std::accumulate(forward.begin(), forward.end(), std::int64_t{0});
    CHECK(all.multiply_adds == 3 * once - *std::find_if(forward.begin(), forward.end(), [](auto n) {
                                   return n > 0;
                               }));
    CHECK(head.multiply_adds == once + forward[graph.last_layer()]);
    for (const char* wrong : {"last:", "last:2", "last:-1", "last:x", "last:0.1x", "last:nan"})
        CHECK_THROWS_WITH(cost_of(wrong), ContainsSubstring("last:F"));
}

TEST_CASE("unknown stages are refused by name") {
    Network net = resnet18();
    CHECK_THROWS_WITH(stages_named(net.graph, {"stage9"}), ContainsSubstring("stage9"));
}
