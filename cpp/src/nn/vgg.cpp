#include <array>
#include <string>

#include "nn/family.h"

namespace georgia {
namespace {

/// One row of the paper's table: convolutions in each of the five blocks.
std::array<int, 5> convolutions(int layers) {
    switch (layers) {
        case 11:
            return {1, 1, 2, 2, 2};
        case 16:
            return {2, 2, 3, 3, 3};
        default:
            return {2, 2, 4, 4, 4};
    }
}

constexpr std::array<std::int64_t, 5> kWidths{64, 128, 256, 512, 512};

NodeId trunk_of(Graph& graph, int layers, bool batch_norm) {
    const auto counts = convolutions(layers);
    NodeId x = 0;
    int number = 0;  // torchvision counts every layer
    const auto next = [&] { return "features." + std::to_string(number++); };
    for (std::size_t block = 0; block < kWidths.size(); ++block) {
        graph.begin_stage(block == 0 ? "stem" : "stage" + std::to_string(block));
        for (int i = 0; i < counts[block]; ++i) {
            x = graph.convolution(
                next(),
                x,
                {.out_channels = kWidths[block], .kernel = 3, .padding = 1, .bias = true});
            if (batch_norm) x = graph.batch_norm(next(), x);
            x = graph.relu(next(), x);
        }
        x = graph.max_pool(next(), x, {0, 2, 2});
    }
    return x;
}

NodeId trunk(Graph& graph, const NetworkSpec&, int layers) {
    return trunk_of(graph, layers, false);
}

NodeId trunk_bn(Graph& graph, const NetworkSpec&, int layers) {
    return trunk_of(graph, layers, true);
}

void classifier(Graph& graph, NodeId trunk, const NetworkSpec& spec) {
    NodeId x = graph.flatten("flatten", graph.adaptive_average_pool("avgpool", trunk, 7), 7);
    x = graph.relu("classifier.1", graph.linear("classifier.0", x, 4096));
    x = graph.dropout("classifier.2", x, 0.5);
    x = graph.relu("classifier.4", graph.linear("classifier.3", x, 4096));
    x = graph.dropout("classifier.5", x, 0.5);
    graph.linear("classifier.6", x, spec.classes);
}

}  // namespace

const Family kVgg{trunk, classifier};
const Family kVggBn{trunk_bn, classifier};

}  // namespace georgia
