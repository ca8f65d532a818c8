#include "train/frozen.h"

#include <ATen/ATen.h>
#include <algorithm>
#include <set>
#include <string>
#include <utility>

namespace georgia {
namespace {

TensorMap weights_of(const Graph& graph, const TensorMap& weights, const Route& route) {
    const std::vector<int> uses = uses_of(graph, {}, route.to);
    TensorMap used;
    for (const TensorSpec& spec : tensor_specs(graph))
        if (uses[spec.node] > 0 && spec.kind != TensorKind::kBatchCount)
            used[spec.name] = weights.at(spec.name);
    return used;
}

}  // namespace

Route frozen_route(
    const Graph& graph, const ExecuteMode& mode, const std::vector<NodeId>& outputs) {
    std::set<std::string> frozen{graph[0].stage};
    for (const std::string& stage : graph.stages()) {
        if (mode.normalise_by_batch.contains(stage) || mode.drop.contains(stage)) break;
        frozen.insert(stage);
    }
    const auto is_frozen = [&](NodeId id) {
        return frozen.contains(graph[id].stage) && !graph[id].is_auxiliary;
    };
    const std::vector<int> uses = uses_of(graph, {}, outputs);
    std::set<NodeId> ends;
    for (NodeId id = 0; id < uses.size(); ++id) {
        if (uses[id] == 0 || is_frozen(id)) continue;
        for (const NodeId input : graph[id].inputs)
            if (input != 0 && is_frozen(input)) ends.insert(input);
    }
    return {{0}, {ends.begin(), ends.end()}};
}

FrozenPart::FrozenPart(
    const Graph& graph, const TensorMap& weights, const Compute& compute, Extent size, Route route)
    : route_(std::move(route)),
      weights_(weights_of(graph, weights, route_)),
      inference_(graph, weights, compute, size, route_) {
    const std::vector<Shape> shapes = infer_shapes(graph, size);
    for (const NodeId end : route_.to) {
        const Shape& shape = shapes[end];
        bytes_ += shape.channels * shape.height * shape.width *
                  static_cast<std::int64_t>(at::elementSize(compute.type()));
    }
}

std::vector<at::Tensor> FrozenPart::values_of(const at::Tensor& input, std::int64_t parts) const {
    if (parts == 1) return inference_.run({input});
    std::vector<std::vector<at::Tensor>> of_ends(route_.to.size());
    for (const at::Tensor& part : input.chunk(parts)) {
        const std::vector<at::Tensor> values = inference_.run({part});
        for (std::size_t i = 0; i < values.size(); ++i) of_ends[i].push_back(values[i]);
    }
    std::vector<at::Tensor> joined;
    for (const auto& values : of_ends) joined.push_back(at::cat(values));
    return joined;
}

bool FrozenPart::is_of(const TensorMap& weights) const {
    return std::ranges::all_of(weights_, [&](const auto& named) {
        const at::Tensor& other = weights.at(named.first);
        return other.data_ptr() == named.second.data_ptr() || at::equal(other, named.second);
    });
}

}  // namespace georgia
