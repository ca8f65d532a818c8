#include "engine/fused_layer.h"

#include <ATen/ATen.h>
#include <string>

#include "georgia/nn/execute.h"

#include "catch.h"
#include "nn/filler.h"

using namespace georgia;

namespace {

/// Zeros, convolution, scales, sum, ReLU; then a linear layer at each pixel with scale and GELU.
Graph network() {
    Graph graph(8);
    graph.begin_stage("body");
    const NodeId padded = graph.zero_pad("pad", 0, {1, 2});
    Attributes attributes{8, 3};
    attributes.bias = true;
    NodeId x = graph.convolution("convolution", padded, attributes);
    x = graph.batch_norm("norm", x);
    const NodeId side = graph.convolution("side", 0, {8, {1, 3}, 1, {0, 2}});
    x = graph.relu("relu", graph.add("add", x, side));
    x = graph.linear("linear", x, 16);
    x = graph.multiply("scale", x, graph.parameter("factor", 16));
    graph.gelu("gelu", x);
    return graph;
}

}  // namespace

TEST_CASE("a fused layer is its nodes one after another, packed or plain") {
    const Graph graph = network();
    TensorMap weights = fill_by_name(graph);
    const at::Tensor input = uniform_by_name("x", {3, 8, 9, 11})
                                 .to(at::kFloat)
                                 .contiguous(at::MemoryFormat::ChannelsLast);
    const at::Tensor expected =
        execute(graph, weights, {{0, input}}, at::kFloat, {graph.output()})[0];
    const std::vector<FusedNodes> kernels = fuse(graph, {0}, {graph.output()});
    REQUIRE(kernels.size() == 3);
    const std::vector<Shape> shapes = infer_shapes(graph, {9, 11});
    for (const bool may_pack : {true, false}) {
        std::vector<at::Tensor> values(graph.nodes().size());
        values[0] = input;
        for (const FusedNodes& nodes : kernels) {
            const FusedLayer layer(
                graph, nodes, weights, {Compute{}, shapes[nodes.input], 3, may_pack});
            std::optional<at::Tensor> added;
            if (nodes.added) added = values[*nodes.added];
            values[nodes.result] = layer(values[nodes.input], added, /*may_overwrite=*/true);
        }
        CHECK(at::allclose(values[graph.output()], expected, 1e-4, 1e-5));
    }
}
