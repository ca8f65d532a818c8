#include "georgia/nn/zoo.h"

#include <ATen/ATen.h>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <nlohmann/json.hpp>

#include "georgia/base/error.h"
#include "georgia/nn/execute.h"
#include "georgia/nn/shapes.h"
#include "georgia/nn/weights.h"

#include "catch.h"
#include "nn/filler.h"

using namespace georgia;

namespace {

using Json = nlohmann::ordered_json;

const std::filesystem::path kReference = std::filesystem::path(GEORGIA_SHARED) / "reference";

NetworkSpec spec_of(const std::string& name, std::int64_t classes = 1000) {
    NetworkSpec spec;
    spec.architecture = name;
    spec.classes = classes;
    spec.height = spec.width = 96;
    return spec;
}

NetworkSpec keras_spec(const std::string& name) {
    NetworkSpec spec = spec_of(name);
    spec.variant = "keras";
    return spec;
}

Json json_of(const std::filesystem::path& path) {
    return Json::parse(std::ifstream(path));
}

/// Weights of zero: quick for the largest networks, and enough where only shapes count.
TensorMap zeros(const Graph& graph) {
    TensorMap weights;
    for (const TensorSpec& spec : tensor_specs(graph))
        weights[spec.name] =
            at::zeros(spec.shape, spec.kind == TensorKind::kBatchCount ? at::kLong : at::kFloat);
    return weights;
}

/// Every torchvision reference there is.
std::vector<std::string> references() {
    std::vector<std::string> names;
    if (!std::filesystem::exists(kReference))
        std::cout << "skipped: no reference answers in " << kReference << "\n";
    else
        for (const auto& entry : std::filesystem::directory_iterator(kReference / "torchvision"))
            if (entry.path().extension() == ".json") names.push_back(entry.path().stem());
    return names;
}

double relative_difference(const at::Tensor& got, const at::Tensor& expected) {
    return (got - expected).abs().max().item<double>() / expected.std().item<double>();
}

}  // namespace

TEST_CASE("networks equal torchvision's: names, shapes, parameters and logits") {
    for (const std::string& name : references()) {
        INFO(name);
        const Graph graph = build_network(spec_of(name));
        const Json expected = json_of(kReference / "torchvision" / (name + ".json"));
        CHECK(count_parameters(graph) == expected["parameters"].get<std::int64_t>());

        Json tensors = Json::object();
        for (const TensorSpec& spec : tensor_specs(graph)) tensors[spec.name] = spec.shape;
        CHECK(tensors == expected["tensors"]);  // an ordered comparison: the sequence counts

        TensorMap weights = fill_by_name(graph);
        const at::Tensor input = uniform_by_name("input", expected["input"]).to(at::kFloat);
        const at::Tensor logits = execute(graph, weights, input);
        const at::Tensor answer = read_weights(kReference / "torchvision" / (name + ".safetensors"))
                                      .tensors.begin()
                                      ->second;
        const double difference = relative_difference(logits, answer);
        std::cout << name << " differs from torchvision by " << difference << " of the deviation\n";
        CHECK(difference < 1e-4);
    }
}

TEST_CASE("the keras variant has the layers, names and shapes of Keras") {
    if (!std::filesystem::exists(kReference)) return;
    for (const std::string number : {"50", "101", "152"}) {
        INFO(number);
        const Json expected = json_of(kReference / "keras" / ("ResNet" + number + ".json"));
        NetworkSpec spec = keras_spec("resnet" + number);
        const Graph graph = build_network(spec);
        std::vector<std::string> layers{
            expected["layers"][0]};  // Keras numbers the inputs it makes
        for (const Node& node : graph.nodes())
            if (node.operation != Operation::kInput && node.operation != Operation::kLinear)
                layers.push_back(node.name);
        CHECK(layers == expected["layers"].get<std::vector<std::string>>());

        for (const TensorSpec& tensor : tensor_specs(graph))
            if (tensor.name.ends_with("conv.weight")) {
                const std::string layer = tensor.name.substr(0, tensor.name.rfind('.'));
                const auto shape =
                    expected["tensors"][layer + "/kernel"].get<std::vector<std::int64_t>>();
                CHECK(
                    tensor.shape ==
                    std::vector<std::int64_t>{shape[3], shape[2], shape[0], shape[1]});
            }
    }
}

TEST_CASE("the last tenth of Keras's ResNet-101 has exactly stage 4's parameters") {
    const Graph graph = build_network(keras_spec("resnet101"));
    std::vector<std::string> trunk;  // Keras's 345 layers, the input first
    for (const Node& node : graph.nodes())
        if (node.stage != "head") trunk.push_back(node.name);
    REQUIRE(trunk.size() == 345);
    const std::set<std::string> last(trunk.end() - 345 / 10, trunk.end());
    for (const TensorSpec& spec : tensor_specs(graph))
        if (spec.stage != "head") {
            INFO(spec.name);
            CHECK(last.contains(graph[spec.node].name) == (spec.stage == "stage4"));
        }
}

TEST_CASE("every network takes 1, 3 or 4 channels, any classes, any head") {
    for (const std::string& name : network_names())
        for (const std::int64_t channels : {1, 3, 4}) {
            INFO(name << " with " << channels);
            NetworkSpec spec = spec_of(name, 5);
            spec.channels = channels;
            for (const char* head : {"linear", "concat"}) {
                if (name == "logistic" && head != std::string("linear")) continue;
                spec.head = head_preset(head);
                const Graph graph = build_network(spec);
                CHECK(infer_shapes(graph, 96).back().sizes() == std::vector<std::int64_t>{5});
                if (count_parameters(graph) > 30'000'000) continue;  // they take seconds
                TensorMap weights = zeros(graph);
                const at::Tensor logits = execute(graph, weights, at::ones({2, channels, 96, 96}));
                CHECK(logits.sizes() == at::IntArrayRef({2, 5}));
                CHECK(graph.stages().back() == "head");
            }
        }
}

TEST_CASE("stages are uniform") {
    using Names = std::vector<std::string>;
    const Names four{"stem", "stage1", "stage2", "stage3", "stage4", "head"};
    const Names three{"stem", "stage1", "stage2", "stage3", "head"};
    for (const char* name : {"resnet50", "vgg16_bn", "alexnet", "convnext_tiny"})
        CHECK(build_network(spec_of(name)).stages() == four);
    CHECK(build_network(keras_spec("resnet50")).stages() == four);
    for (const char* name : {"inception_v3", "squeezenet1_1"})
        CHECK(build_network(spec_of(name)).stages() == three);
    CHECK(
        build_network(spec_of("small_cnn")).stages() == Names{"stem", "stage1", "stage2", "head"});
    CHECK(build_network(spec_of("logistic")).stages() == Names{"head"});
}

TEST_CASE("multiply-adds are those of the papers") {
    const auto total = [](const char* name, std::int64_t size) {
        std::int64_t sum = 0;
        const Graph graph = build_network(spec_of(name));
        const auto counts = multiply_adds(graph, size);
        for (NodeId id = 0; id < counts.size(); ++id)
            if (!graph[id].is_auxiliary) sum += counts[id];
        return static_cast<double>(sum) / 1e9;
    };
    // torchvision's own tables, in GFLOPS that count a multiply-add as one.
    CHECK(total("resnet18", 224) == Approx(1.814).epsilon(1e-3));
    CHECK(total("resnet50", 224) == Approx(4.089).epsilon(1e-3));
    CHECK(total("vgg16", 224) == Approx(15.47).epsilon(1e-3));
    CHECK(total("alexnet", 224) == Approx(0.714).epsilon(1e-3));
    CHECK(total("squeezenet1_1", 224) == Approx(0.349).epsilon(2e-3));
    CHECK(total("inception_v3", 299) == Approx(5.713).epsilon(1e-3));
    CHECK(total("convnext_tiny", 224) == Approx(4.456).epsilon(1e-3));
}

TEST_CASE("inputs that are too small are refused with the smallest that is not") {
    const auto smallest = [](const char* name) {
        const Graph graph = build_network(spec_of(name));
        std::int64_t side = 1;
        while (true) try {
                infer_shapes(graph, side);
                TensorMap weights = zeros(graph);
                execute(graph, weights, at::zeros({1, 3, side, side}));
                return side;
            } catch (const InvalidOption&) {
                ++side;
            }
    };
    CHECK(smallest("alexnet") == 63);
    CHECK(smallest("inception_v3") == 75);
    CHECK(smallest("squeezenet1_0") == 21);
    CHECK(smallest("squeezenet1_1") == 17);
    CHECK(smallest("resnet18") == 1);
    CHECK_THROWS_WITH(
        infer_shapes(build_network(spec_of("alexnet")), 40), ContainsSubstring("at least 63"));
    CHECK_THROWS_WITH(
        infer_shapes(build_network(spec_of("logistic")), 40), ContainsSubstring("96 x 96"));
}

TEST_CASE("unknown names are refused with the list of known") {
    CHECK_THROWS_WITH(build_network(spec_of("resnet19")), ContainsSubstring("resnet18"));
    NetworkSpec spec = spec_of("resnet18");
    spec.channels = 2;
    CHECK_THROWS_AS(build_network(spec), InvalidOption);
    CHECK_THROWS_WITH(head_preset("tail"), ContainsSubstring("one_logit"));
    spec = keras_spec("vgg11");
    CHECK_THROWS_WITH(build_network(spec), ContainsSubstring("the only one"));
}

TEST_CASE("only what an image gives can be asked for") {
    NetworkSpec spec;
    for (const auto& [network, name] :
         {std::pair{"convnext_tiny", "features.1.0.layer_scale"},
          {"inception_v3", "AuxLogits.fc"},
          {"resnet18", "layer9"}}) {
        spec.architecture = network;
        CHECK_THROWS_WITH(build_network(spec).find(name), ContainsSubstring("stage1"));
    }
    spec.architecture = "inception_v3";
    const Graph graph = build_network(spec);
    for (const std::string& stage : graph.stages()) CHECK(graph[graph.find(stage)].stage == stage);
}
