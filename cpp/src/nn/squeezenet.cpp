#include <string>

#include "nn/family.h"

namespace georgia {
namespace {

/// Squeeze to few channels, expand by 1x1 and 3x3 side by side.
NodeId fire(Graph& graph, int number, NodeId input, std::int64_t squeeze, std::int64_t expand) {
    const std::string prefix = "features." + std::to_string(number) + ".";
    const auto convolve = [&](const char* name, NodeId x, const Attributes& attributes) {
        const NodeId convolved = graph.convolution(prefix + name, x, attributes);
        return graph.relu(prefix + name + "_activation", convolved);
    };
    const NodeId x = convolve("squeeze", input, {.out_channels = squeeze, .bias = true});
    const NodeId narrow = convolve("expand1x1", x, {.out_channels = expand, .bias = true});
    const NodeId wide =
        convolve("expand3x3", x, {.out_channels = expand, .kernel = 3, .padding = 1, .bias = true});
    return graph.concatenate(prefix + "concatenate", {narrow, wide});
}

NodeId pool(Graph& graph, int number, NodeId input) {
    return graph.max_pool(
        "features." + std::to_string(number), input, {.kernel = 3, .stride = 2, .ceil_mode = true});
}

/// Version 1.0 of the paper.
NodeId first_version(Graph& graph) {
    graph.begin_stage("stem");
    NodeId x = graph.convolution(
        "features.0", 0, {.out_channels = 96, .kernel = 7, .stride = 2, .bias = true});
    x = pool(graph, 2, graph.relu("features.1", x));
    graph.begin_stage("stage1");
    x = fire(graph, 3, x, 16, 64);
    x = fire(graph, 4, x, 16, 64);
    x = pool(graph, 6, fire(graph, 5, x, 32, 128));
    graph.begin_stage("stage2");
    x = fire(graph, 7, x, 32, 128);
    x = fire(graph, 8, x, 48, 192);
    x = fire(graph, 9, x, 48, 192);
    x = pool(graph, 11, fire(graph, 10, x, 64, 256));
    graph.begin_stage("stage3");
    return fire(graph, 12, x, 64, 256);
}

/// Version 1.1 of the authors' repository: pools earlier, 2.4 times less work.
NodeId second_version(Graph& graph) {
    graph.begin_stage("stem");
    NodeId x = graph.convolution(
        "features.0", 0, {.out_channels = 64, .kernel = 3, .stride = 2, .bias = true});
    x = pool(graph, 2, graph.relu("features.1", x));
    graph.begin_stage("stage1");
    x = fire(graph, 3, x, 16, 64);
    x = pool(graph, 5, fire(graph, 4, x, 16, 64));
    graph.begin_stage("stage2");
    x = fire(graph, 6, x, 32, 128);
    x = pool(graph, 8, fire(graph, 7, x, 32, 128));
    graph.begin_stage("stage3");
    x = fire(graph, 9, x, 48, 192);
    x = fire(graph, 10, x, 48, 192);
    x = fire(graph, 11, x, 64, 256);
    return fire(graph, 12, x, 64, 256);
}

NodeId trunk(Graph& graph, const NetworkSpec&, int version) {
    return version == 10 ? first_version(graph) : second_version(graph);
}

void classifier(Graph& graph, NodeId trunk, const NetworkSpec& spec) {
    NodeId x = graph.dropout("classifier.0", trunk, 0.5);
    x = graph.convolution("classifier.1", x, {.out_channels = spec.classes, .bias = true});
    graph.global_average_pool("classifier.3", graph.relu("classifier.2", x));
}

}  // namespace

const Family kSqueezenet{trunk, classifier};

}  // namespace georgia
