#include <string>
#include <vector>

#include "nn/family.h"

namespace georgia {
namespace {

/// Adds layers below one prefix, as "Mixed_5b.".
struct Block {
    Graph& graph;
    std::string prefix;

    /// Convolution, batch normalisation, ReLU.
    NodeId convolve(const std::string& name, NodeId input, const Attributes& attributes) const {
        const std::string path = prefix + name;
        const NodeId x = graph.convolution(path + ".conv", input, attributes);
        return graph.relu(path + ".relu", graph.batch_norm(path + ".bn", x, 1e-3));
    }

    NodeId average(NodeId input) const {
        return graph.average_pool(prefix + "average", input, {0, 3, 1, 1});
    }

    NodeId maximum(NodeId input) const {
        return graph.max_pool(prefix + "maximum", input, {0, 3, 2});
    }

    NodeId join(const char* name, const std::vector<NodeId>& branches) const {
        return graph.concatenate(prefix + name, branches);
    }
};

/// Figure 5 of the paper, the 5x5 kept.
NodeId mixed_a(const Block& b, NodeId x, std::int64_t pooled) {
    const NodeId one = b.convolve("branch1x1", x, {64, 1});
    NodeId five = b.convolve("branch5x5_1", x, {48, 1});
    five = b.convolve("branch5x5_2", five, {64, 5, 1, 2});
    NodeId three = b.convolve("branch3x3dbl_1", x, {64, 1});
    three = b.convolve("branch3x3dbl_2", three, {96, 3, 1, 1});
    three = b.convolve("branch3x3dbl_3", three, {96, 3, 1, 1});
    const NodeId pool = b.convolve("branch_pool", b.average(x), {pooled, 1});
    return b.join("concatenate", {one, five, three, pool});
}

/// Figure 10: halves the planes.
NodeId mixed_b(const Block& b, NodeId x) {
    const NodeId three = b.convolve("branch3x3", x, {384, 3, 2});
    NodeId twice = b.convolve("branch3x3dbl_1", x, {64, 1});
    twice = b.convolve("branch3x3dbl_2", twice, {96, 3, 1, 1});
    twice = b.convolve("branch3x3dbl_3", twice, {96, 3, 2});
    return b.join("concatenate", {three, twice, b.maximum(x)});
}

/// Figure 6, n = 7.
NodeId mixed_c(const Block& b, NodeId x, std::int64_t width) {
    const Extent row{1, 7};
    const Extent column{7, 1};
    const Extent row_padding{0, 3};
    const Extent column_padding{3, 0};
    const NodeId one = b.convolve("branch1x1", x, {192, 1});
    NodeId seven = b.convolve("branch7x7_1", x, {width, 1});
    seven = b.convolve("branch7x7_2", seven, {width, row, 1, row_padding});
    seven = b.convolve("branch7x7_3", seven, {192, column, 1, column_padding});
    NodeId twice = b.convolve("branch7x7dbl_1", x, {width, 1});
    twice = b.convolve("branch7x7dbl_2", twice, {width, column, 1, column_padding});
    twice = b.convolve("branch7x7dbl_3", twice, {width, row, 1, row_padding});
    twice = b.convolve("branch7x7dbl_4", twice, {width, column, 1, column_padding});
    twice = b.convolve("branch7x7dbl_5", twice, {192, row, 1, row_padding});
    const NodeId pool = b.convolve("branch_pool", b.average(x), {192, 1});
    return b.join("concatenate", {one, seven, twice, pool});
}

/// Halves the planes again.
NodeId mixed_d(const Block& b, NodeId x) {
    NodeId three = b.convolve("branch3x3_1", x, {192, 1});
    three = b.convolve("branch3x3_2", three, {320, 3, 2});
    NodeId seven = b.convolve("branch7x7x3_1", x, {192, 1});
    seven = b.convolve("branch7x7x3_2", seven, {192, {1, 7}, 1, {0, 3}});
    seven = b.convolve("branch7x7x3_3", seven, {192, {7, 1}, 1, {3, 0}});
    seven = b.convolve("branch7x7x3_4", seven, {192, 3, 2});
    return b.join("concatenate", {three, seven, b.maximum(x)});
}

/// Figure 7: branches that fork into a row and a column.
NodeId mixed_e(const Block& b, NodeId x) {
    const Attributes row{384, {1, 3}, 1, {0, 1}};
    const Attributes column{384, {3, 1}, 1, {1, 0}};
    const NodeId one = b.convolve("branch1x1", x, {320, 1});
    NodeId three = b.convolve("branch3x3_1", x, {384, 1});
    const NodeId three_row = b.convolve("branch3x3_2a", three, row);
    const NodeId three_column = b.convolve("branch3x3_2b", three, column);
    three = b.join("branch3x3", {three_row, three_column});
    NodeId twice = b.convolve("branch3x3dbl_1", x, {448, 1});
    twice = b.convolve("branch3x3dbl_2", twice, {384, 3, 1, 1});
    const NodeId twice_row = b.convolve("branch3x3dbl_3a", twice, row);
    const NodeId twice_column = b.convolve("branch3x3dbl_3b", twice, column);
    twice = b.join("branch3x3dbl", {twice_row, twice_column});
    const NodeId pool = b.convolve("branch_pool", b.average(x), {192, 1});
    return b.join("concatenate", {one, three, twice, pool});
}

/// The second classifier; its planes exist from 299 pixels on or thereabouts.
void auxiliary(Graph& graph, NodeId input, std::int64_t classes) {
    graph.begin_auxiliary();
    graph.begin_stage("head");
    const Block b{graph, "AuxLogits."};
    NodeId x = graph.average_pool("AuxLogits.average", input, {0, 5, 3});
    x = b.convolve("conv0", x, {128, 1});
    x = b.convolve("conv1", x, {768, 5});
    x = graph.global_average_pool("AuxLogits.avgpool", x);
    graph.end_auxiliary(graph.linear("AuxLogits.fc", x, classes));
}

NodeId trunk(Graph& graph, const NetworkSpec& spec, int) {
    const Block top{graph, ""};
    const auto mixed = [&](const char* name) { return Block{graph, std::string(name) + "."}; };
    graph.begin_stage("stem");
    NodeId x = top.convolve("Conv2d_1a_3x3", 0, {32, 3, 2});
    x = top.convolve("Conv2d_2a_3x3", x, {32, 3});
    x = top.convolve("Conv2d_2b_3x3", x, {64, 3, 1, 1});
    x = graph.max_pool("maxpool1", x, {0, 3, 2});
    x = top.convolve("Conv2d_3b_1x1", x, {80, 1});
    x = top.convolve("Conv2d_4a_3x3", x, {192, 3});
    x = graph.max_pool("maxpool2", x, {0, 3, 2});
    graph.begin_stage("stage1");
    x = mixed_a(mixed("Mixed_5b"), x, 32);
    x = mixed_a(mixed("Mixed_5c"), x, 64);
    x = mixed_a(mixed("Mixed_5d"), x, 64);
    graph.begin_stage("stage2");
    x = mixed_b(mixed("Mixed_6a"), x);
    x = mixed_c(mixed("Mixed_6b"), x, 128);
    x = mixed_c(mixed("Mixed_6c"), x, 160);
    x = mixed_c(mixed("Mixed_6d"), x, 160);
    x = mixed_c(mixed("Mixed_6e"), x, 192);
    auxiliary(graph, x, spec.classes);
    graph.begin_stage("stage3");
    x = mixed_d(mixed("Mixed_7a"), x);
    x = mixed_e(mixed("Mixed_7b"), x);
    return mixed_e(mixed("Mixed_7c"), x);
}

void classifier(Graph& graph, NodeId trunk, const NetworkSpec& spec) {
    const NodeId x = graph.dropout("dropout", graph.global_average_pool("avgpool", trunk), 0.5);
    graph.linear("fc", x, spec.classes);
}

}  // namespace

const Family kInception{trunk, classifier};

}  // namespace georgia
