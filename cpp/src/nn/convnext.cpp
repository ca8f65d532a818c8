#include <array>
#include <string>

#include "nn/family.h"

namespace georgia {
namespace {

constexpr std::array<int, 4> kBlocks{3, 3, 9, 3};
constexpr std::array<std::int64_t, 4> kWidths{96, 192, 384, 768};
constexpr double kEpsilon = 1e-6;
constexpr double kLargestDrop = 0.1;  // of stochastic depth, in the last block

NodeId block(Graph& graph, const std::string& prefix, NodeId input, double drop) {
    const std::int64_t width = graph.channels_of(input);
    const NodeId scale = graph.parameter(prefix + "layer_scale", width);
    NodeId x = graph.convolution(
        prefix + "block.0",
        input,
        {.out_channels = width, .kernel = 7, .padding = 3, .groups = width, .bias = true});
    x = graph.layer_norm(prefix + "block.2", x, kEpsilon);
    x = graph.gelu(prefix + "block.4", graph.linear(prefix + "block.3", x, 4 * width));
    x = graph.linear(prefix + "block.5", x, width);
    x = graph.multiply(prefix + "scaled", x, scale);
    if (drop > 0) x = graph.stochastic_depth(prefix + "stochastic_depth", x, drop);
    return graph.add(prefix + "add", x, input);
}

NodeId trunk(Graph& graph, const NetworkSpec&, int) {
    graph.begin_stage("stem");
    NodeId x = graph.convolution(
        "features.0.0", 0, {.out_channels = kWidths[0], .kernel = 4, .stride = 4, .bias = true});
    x = graph.layer_norm("features.0.1", x, kEpsilon);

    constexpr int kAllBlocks = kBlocks[0] + kBlocks[1] + kBlocks[2] + kBlocks[3];
    int done = 0;
    for (std::size_t stage = 0; stage < kBlocks.size(); ++stage) {
        graph.begin_stage("stage" + std::to_string(stage + 1));
        if (stage > 0) {
            const std::string prefix = "features." + std::to_string(2 * stage) + ".";
            x = graph.layer_norm(prefix + "0", x, kEpsilon);
            x = graph.convolution(
                prefix + "1",
                x,
                {.out_channels = kWidths[stage], .kernel = 2, .stride = 2, .bias = true});
        }
        const std::string prefix = "features." + std::to_string(2 * stage + 1) + ".";
        for (int i = 0; i < kBlocks[stage]; ++i)
            x = block(
                graph,
                prefix + std::to_string(i) + ".",
                x,
                kLargestDrop * done++ / (kAllBlocks - 1));
    }
    return x;
}

void classifier(Graph& graph, NodeId trunk, const NetworkSpec& spec) {
    NodeId x = graph.global_average_pool("avgpool", trunk);
    x = graph.layer_norm("classifier.0", x, kEpsilon);
    graph.linear("classifier.2", x, spec.classes);
}

}  // namespace

const Family kConvnext{trunk, classifier};

}  // namespace georgia
