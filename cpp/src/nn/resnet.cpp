#include "nn/resnet.h"

#include <array>
#include <map>
#include <string>

namespace georgia {
namespace {

/// One row of the paper's table: blocks in each of the four stages.
struct Depth {
    std::array<int, 4> blocks;
    bool bottleneck;
};

const std::map<int, Depth> kDepths{
    {18, {{2, 2, 2, 2}, false}},
    {34, {{3, 4, 6, 3}, false}},
    {50, {{3, 4, 6, 3}, true}},
    {101, {{3, 4, 23, 3}, true}},
    {152, {{3, 8, 36, 3}, true}}};

/// Convolution and batch normalisation, numbered alike within their prefix.
NodeId convolve(
    Graph& graph,
    const std::string& prefix,
    int number,
    NodeId input,
    const Attributes& attributes) {
    const std::string n = std::to_string(number);
    const NodeId convolved = graph.convolution(prefix + "conv" + n, input, attributes);
    return graph.batch_norm(prefix + "bn" + n, convolved);
}

NodeId block(
    Graph& graph,
    const std::string& prefix,
    NodeId input,
    std::int64_t width,
    std::int64_t stride,
    bool bottleneck) {
    const std::int64_t out = bottleneck ? 4 * width : width;
    NodeId x = input;
    if (bottleneck) {
        x = graph.relu(prefix + "relu1", convolve(graph, prefix, 1, x, {width, 1}));
        x = graph.relu(prefix + "relu2", convolve(graph, prefix, 2, x, {width, 3, stride, 1}));
        x = convolve(graph, prefix, 3, x, {out, 1});
    } else {
        x = graph.relu(prefix + "relu1", convolve(graph, prefix, 1, x, {width, 3, stride, 1}));
        x = convolve(graph, prefix, 2, x, {width, 3, 1, 1});
    }
    NodeId shortcut = input;
    if (stride != 1 || graph.channels_of(input) != out) {
        shortcut = graph.convolution(prefix + "downsample.0", input, {out, 1, stride});
        shortcut = graph.batch_norm(prefix + "downsample.1", shortcut);
    }
    return graph.relu(prefix + "relu", graph.add(prefix + "add", x, shortcut));
}

}  // namespace

Graph resnet(int layers, const NetworkSpec& spec) {
    const Depth& depth = kDepths.at(layers);
    Graph graph(spec.channels);

    graph.begin_stage("stem");
    NodeId x = graph.relu("relu", convolve(graph, "", 1, 0, {64, 7, 2, 3}));
    x = graph.max_pool("maxpool", x, {0, 3, 2, 1});

    for (int stage = 1; stage <= 4; ++stage) {
        graph.begin_stage("stage" + std::to_string(stage));
        for (int i = 0; i < depth.blocks[static_cast<std::size_t>(stage - 1)]; ++i) {
            const std::string prefix =
                "layer" + std::to_string(stage) + "." + std::to_string(i) + ".";
            const std::int64_t stride = stage > 1 && i == 0 ? 2 : 1;
            x = block(graph, prefix, x, 32L << stage, stride, depth.bottleneck);
        }
    }

    graph.begin_stage("head");
    graph.linear("fc", graph.average_pool("avgpool", x), spec.classes);
    return graph;
}

}  // namespace georgia
