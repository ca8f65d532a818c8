#include <array>
#include <string>

#include "nn/family.h"

namespace georgia {
namespace {

constexpr std::array<std::int64_t, 3> kWidths{32, 64, 128};
constexpr std::int64_t kHidden = 128;

NodeId three_blocks(Graph& graph, const NetworkSpec&, int) {
    NodeId x = 0;
    for (std::size_t block = 0; block < kWidths.size(); ++block) {
        graph.begin_stage(block == 0 ? "stem" : "stage" + std::to_string(block));
        const std::string prefix = "block" + std::to_string(block + 1) + ".";
        x = graph.convolution(prefix + "conv", x, {kWidths[block], 3, 1, 1});
        x = graph.relu(prefix + "relu", graph.batch_norm(prefix + "bn", x));
        x = graph.max_pool(prefix + "pool", x, {0, 2, 2});
    }
    return x;
}

void dense_layer(Graph& graph, NodeId trunk, const NetworkSpec& spec) {
    NodeId x = graph.global_average_pool("avgpool", trunk);
    x = graph.relu("relu", graph.linear("dense", x, kHidden));
    graph.linear("fc", x, spec.classes);
}

NodeId input_alone(Graph&, const NetworkSpec&, int) {
    return 0;
}

void flat_pixels(Graph& graph, NodeId input, const NetworkSpec& spec) {
    const NodeId x = graph.flatten("flatten", input, {spec.height, spec.width});
    graph.linear("fc", x, spec.classes);
}

}  // namespace

const Family kSmallCnn{three_blocks, dense_layer};
const Family kLogistic{input_alone, flat_pixels};

}  // namespace georgia
