#include "georgia/nn/zoo.h"

#include <ATen/ATen.h>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <nlohmann/json.hpp>

#include "georgia/base/error.h"
#include "georgia/nn/execute.h"
#include "georgia/nn/weights.h"

#include "catch.h"
#include "nn/filler.h"

using namespace georgia;

namespace {

const std::filesystem::path kReference =
    std::filesystem::path(GEORGIA_SHARED) / "reference/torchvision";

NetworkSpec spec_of(const std::string& name, std::int64_t classes = 1000) {
    NetworkSpec spec;
    spec.architecture = name;
    spec.classes = classes;
    return spec;
}

}  // namespace

TEST_CASE("ResNets equal torchvision's: names, shapes, parameters and logits") {
    if (!std::filesystem::exists(kReference)) {
        std::cout << "skipped: no reference answers in " << kReference << "\n";
        return;
    }
    for (const std::string& name : network_names()) {
        INFO(name);
        const Graph graph = build_network(spec_of(name));
        const auto expected =
            nlohmann::ordered_json::parse(std::ifstream(kReference / (name + ".json")));
        CHECK(count_parameters(graph) == expected["parameters"].get<std::int64_t>());

        nlohmann::ordered_json tensors = nlohmann::ordered_json::object();
        for (const TensorSpec& spec : tensor_specs(graph)) tensors[spec.name] = spec.shape;
        CHECK(tensors == expected["tensors"]);  // an ordered comparison: the sequence counts

        TensorMap weights = fill_by_name(graph);
        const at::Tensor input = uniform_by_name("input", expected["input"]).to(at::kFloat);
        const at::Tensor logits = execute(graph, weights, input);
        const at::Tensor answer =
            read_weights(kReference / (name + ".safetensors")).tensors.begin()->second;
        const double difference = (logits - answer).abs().max().item<double>();
        CHECK(difference < 1e-4 * answer.std().item<double>());
    }
}

TEST_CASE("any channel count and any number of classes") {
    for (const std::int64_t channels : {1, 3, 4}) {
        NetworkSpec spec = spec_of("resnet18", 5);
        spec.channels = channels;
        const Graph graph = build_network(spec);
        TensorMap weights = initial_weights(graph, 1);
        const at::Tensor logits = execute(graph, weights, at::ones({2, channels, 40, 56}));
        CHECK(logits.sizes() == at::IntArrayRef({2, 5}));
    }
}

TEST_CASE("unknown names are refused with the list of known") {
    CHECK_THROWS_WITH(build_network(spec_of("resnet19")), ContainsSubstring("resnet18"));
    NetworkSpec spec = spec_of("resnet18");
    spec.channels = 2;
    CHECK_THROWS_AS(build_network(spec), InvalidOption);
    spec.channels = 3;
    spec.head = "tail";
    CHECK_THROWS_AS(build_network(spec), InvalidOption);
}

TEST_CASE("stages are uniform") {
    CHECK(
        build_network(spec_of("resnet50")).stages() ==
        std::vector<std::string>{"stem", "stage1", "stage2", "stage3", "stage4", "head"});
}
