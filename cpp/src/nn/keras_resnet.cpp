#include <string>

#include "nn/family.h"
#include "nn/resnet_depths.h"

// Keras's ResNets (v1) are other functions than torchvision's: every convolution has a bias, a
// block's first convolution has the stride, padding is a layer of its own. Nodes have the names and
// the order of Keras's layers. Keras has none of 18 and 34 layers; theirs follow the same rules.

namespace georgia {
namespace {

constexpr double kEpsilon = 1.001e-5;

NodeId convolve(
    Graph& graph,
    const std::string& name,
    NodeId input,
    std::int64_t out,
    std::int64_t kernel,
    std::int64_t stride = 1) {
    return graph.convolution(
        name,
        input,
        {.out_channels = out,
         .kernel = kernel,
         .stride = stride,
         .padding = kernel / 2,
         .bias = true});
}

NodeId block(
    Graph& graph,
    const std::string& prefix,
    NodeId input,
    std::int64_t width,
    std::int64_t stride,
    bool bottleneck) {
    const std::int64_t out = bottleneck ? 4 * width : width;
    const auto norm = [&](const char* number, NodeId x) {
        return graph.batch_norm(prefix + number + "_bn", x, kEpsilon);
    };
    const auto activate = [&](const char* number, NodeId x) {
        return graph.relu(prefix + number + "_relu", norm(number, x));
    };
    NodeId x = convolve(graph, prefix + "1_conv", input, width, bottleneck ? 1 : 3, stride);
    x = activate("1", x);
    if (bottleneck) x = activate("2", convolve(graph, prefix + "2_conv", x, width, 3));

    NodeId shortcut = input;
    const bool projects = stride != 1 || graph.channels_of(input) != out;
    if (projects) shortcut = convolve(graph, prefix + "0_conv", input, out, 1, stride);
    const char* last = bottleneck ? "3" : "2";
    x = convolve(graph, prefix + last + "_conv", x, out, bottleneck ? 1 : 3);
    if (projects) shortcut = norm("0", shortcut);
    x = norm(last, x);
    return graph.relu(prefix + "out", graph.add(prefix + "add", shortcut, x));
}

NodeId trunk(Graph& graph, const NetworkSpec&, int layers) {
    const ResnetDepth depth = resnet_depth(layers);
    graph.begin_stage("stem");
    NodeId x = graph.zero_pad("conv1_pad", 0, 3);
    x = graph.convolution(
        "conv1_conv", x, {.out_channels = 64, .kernel = 7, .stride = 2, .bias = true});
    x = graph.relu("conv1_relu", graph.batch_norm("conv1_bn", x, kEpsilon));
    x = graph.max_pool("pool1_pool", graph.zero_pad("pool1_pad", x, 1), {0, 3, 2});

    for (std::size_t stage = 1; stage <= depth.blocks.size(); ++stage) {
        graph.begin_stage("stage" + std::to_string(stage));
        for (int i = 0; i < depth.blocks[stage - 1]; ++i) {
            const std::string prefix =
                "conv" + std::to_string(stage + 1) + "_block" + std::to_string(i + 1) + "_";
            const std::int64_t stride = stage > 1 && i == 0 ? 2 : 1;
            x = block(graph, prefix, x, 32L << stage, stride, depth.bottleneck);
        }
    }
    return x;
}

void classifier(Graph& graph, NodeId trunk, const NetworkSpec& spec) {
    graph.linear("predictions", graph.global_average_pool("avg_pool", trunk), spec.classes);
}

}  // namespace

const Family kKerasResnet{trunk, classifier};

}  // namespace georgia
