#include <string>

#include "nn/family.h"
#include "nn/resnet_depths.h"

namespace georgia {
namespace {

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

NodeId trunk(Graph& graph, const NetworkSpec&, int layers) {
    const ResnetDepth depth = resnet_depth(layers);
    graph.begin_stage("stem");
    NodeId x = graph.relu("relu", convolve(graph, "", 1, 0, {64, 7, 2, 3}));
    x = graph.max_pool("maxpool", x, {0, 3, 2, 1});

    for (std::size_t stage = 1; stage <= depth.blocks.size(); ++stage) {
        const std::string number = std::to_string(stage);
        graph.begin_stage("stage" + number);
        for (int i = 0; i < depth.blocks[stage - 1]; ++i) {
            const std::string prefix = "layer" + number + "." + std::to_string(i) + ".";
            const std::int64_t stride = stage > 1 && i == 0 ? 2 : 1;
            x = block(graph, prefix, x, 32L << stage, stride, depth.bottleneck);
        }
    }
    return x;
}

void classifier(Graph& graph, NodeId trunk, const NetworkSpec& spec) {
    graph.linear("fc", graph.global_average_pool("avgpool", trunk), spec.classes);
}

}  // namespace

const Family kResnet{trunk, classifier};

}  // namespace georgia
