#include "train/frozen.h"

#include <ATen/ATen.h>
#include <set>
#include <string>

#include "georgia/data/loader.h"
#include "georgia/nn/trainable.h"
#include "georgia/nn/zoo.h"

#include "catch.h"
#include "nn/filler.h"
#include "train/job_setup.h"
#include "train/small_job.h"
#include "train/training_step.h"

using namespace georgia;

namespace {

Graph network(const std::string& name, std::int64_t classes = 2) {
    NetworkSpec spec;
    spec.architecture = name;
    spec.classes = classes;
    return build_network(spec);
}

/// Where the frozen part ends when those stages are trained.
std::vector<std::string> ends(const Graph& graph, const std::vector<std::string>& trainable) {
    ExecuteMode mode;
    mode.normalise_by_batch = mode.drop = stages_named(graph, trainable);
    std::vector<NodeId> outputs{graph.output()};
    if (graph.auxiliary_output()) outputs.push_back(*graph.auxiliary_output());
    std::vector<std::string> names;
    for (const NodeId id : frozen_route(graph, mode, outputs).to) names.push_back(graph[id].name);
    return names;
}

}  // namespace

TEST_CASE("the frozen part ends where something changes") {
    using Names = std::vector<std::string>;
    const Graph resnet = network("resnet18");
    CHECK(ends(resnet, {"head"}) == Names{"avgpool"});
    CHECK(ends(resnet, {"stage4", "head"}) == Names{"layer3.1.relu"});
    CHECK(ends(resnet, {"stage2", "head"}) == Names{"layer1.1.relu"});  // a leading run, no island
    CHECK(ends(resnet, {"stem"}).empty());
    CHECK(ends(resnet, {"all"}).empty());
    // The second classifier reads what is in the middle.
    CHECK(ends(network("inception_v3"), {"head"}) == Names{"Mixed_6e.concatenate", "avgpool"});
}

TEST_CASE("a step through the frozen part has the gradients of the plain network") {
    TrainJob job = job_in(std::filesystem::temp_directory_path());
    TrainOptions options = quick();
    options.network = "resnet18";
    options.phases[0].size = 64;
    options.phases[0].trainable = {"stage4", "head"};
    const Graph graph = network("resnet18");
    TensorMap weights = fill_by_name(graph);
    const std::vector<std::int64_t> counts = class_counts_of(job);
    TrainingStep step({graph, weights, options, job.train, counts, Compute{}}, options.phases[0]);
    Loader loader(job.train, step.preprocess(), training_loading(options, options.phases[0], 1, 1));
    const BatchView batch = loader.next();
    const StepResult result = step.backward(batch);
    const at::Tensor gradient = weights.at("layer4.0.conv1.weight").grad().clone();

    TensorMap plain = fill_by_name(graph);
    set_trainable(graph, plain, stages_named(graph, {"stage4", "head"}));
    const ExecuteMode mode{{"stage4", "head"}, {"stage4", "head"}, {}};
    const at::Tensor input = normalised(batch, step.preprocess(), at::kFloat, at::kCPU);
    const at::Tensor labels = labels_of(batch, job.train, at::kCPU);
    const at::Tensor loss = at::cross_entropy_loss(execute(graph, plain, input, mode), labels);
    loss.backward();
    CHECK(result.loss.item<double>() == Approx(loss.item<double>()).epsilon(1e-5));
    const at::Tensor expected = plain.at("layer4.0.conv1.weight").grad();
    CHECK(
        (gradient - expected).abs().max().item<double>() <
        1e-4 * expected.abs().max().item<double>());
    CHECK(
        at::allclose(
            weights.at("layer4.0.bn1.running_mean"),
            plain.at("layer4.0.bn1.running_mean"),
            1e-5,
            1e-6));
    CHECK_FALSE(weights.at("layer3.0.conv1.weight").grad().defined());
}
