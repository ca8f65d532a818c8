#include "georgia/nn/layers.h"

#include <c10/util/accumulate.h>

#include "georgia/nn/parameters.h"
#include "georgia/nn/shapes.h"

namespace georgia {

std::vector<Layer> layers_of(const Graph& graph, Extent input) {
    const std::vector<Shape> shapes = infer_shapes(graph, input);
    const std::vector<std::int64_t> costs = multiply_adds(graph, input);
    const std::vector<TensorSpec> tensors = tensor_specs(graph);
    std::vector<Layer> layers;
    auto tensor = tensors.begin();  // they come in the order of the nodes
    for (NodeId id = 0; id < graph.nodes().size(); ++id) {
        Layer layer{graph[id], {}, shapes[id].sizes(), {}, 0, costs[id]};
        for (const NodeId used : graph[id].inputs) layer.inputs.push_back(graph[used].name);
        for (; tensor != tensors.end() && tensor->node == id; ++tensor) {
            layer.tensors.push_back(tensor->name);
            if (tensor->is_trained()) layer.parameters += c10::multiply_integers(tensor->shape);
        }
        layers.push_back(std::move(layer));
    }
    return layers;
}

}  // namespace georgia
