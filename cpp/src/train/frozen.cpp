#include "train/frozen.h"

#include <ATen/ATen.h>
#include <algorithm>
#include <set>
#include <sstream>
#include <string>
#include <utility>

#include "georgia/base/machine.h"
#include "georgia/base/sha256.h"

namespace georgia {
namespace {

/// True where a node has nothing to train and makes its value smaller or leaves its size.
bool only_moves(Operation operation) {
    switch (operation) {
        case Operation::kRelu:
        case Operation::kMaxPool:
        case Operation::kAveragePool:
        case Operation::kAdaptiveAveragePool:
        case Operation::kGlobalAveragePool:
        case Operation::kGlobalMaxPool:
        case Operation::kFlatten:
            return true;
        default:
            return false;
    }
}

TensorMap weights_of(const Graph& graph, const TensorMap& weights, const Route& route) {
    const std::vector<int> uses = uses_of(graph, {}, route.to);
    TensorMap used;
    for (const TensorSpec& spec : tensor_specs(graph))
        if (uses[spec.node] > 0 && spec.kind != TensorKind::kBatchCount)
            used[spec.name] = weights.at(spec.name);
    return used;
}

/// The nodes that a route needs, with all that is known of each.
std::string described(const Graph& graph, const Route& route) {
    const std::vector<int> uses = uses_of(graph, {}, route.to);
    std::ostringstream text;
    const auto write = [&](const Extent& extent) {
        text << ' ' << extent.height << 'x' << extent.width;
    };
    for (NodeId id = 0; id < uses.size(); ++id) {
        if (uses[id] == 0) continue;
        const Node& node = graph[id];
        const Attributes& a = node.attributes;
        text << id << ' ' << node.name << ' ' << name_of(node.operation) << ' ' << node.channels
             << ' ' << a.stride << ' ' << a.groups << ' ' << a.bias << a.ceil_mode << ' '
             << a.epsilon;
        for (const Extent& extent : {a.kernel, a.padding, a.size}) write(extent);
        for (const NodeId input : node.inputs) text << ' ' << input;
        text << '\n';
    }
    for (const NodeId end : route.to) text << end << ' ';
    return text.str();
}

}  // namespace

Route frozen_route(
    const Graph& graph, const ExecuteMode& mode, const std::vector<NodeId>& outputs) {
    std::set<std::string> stages;
    for (const std::string& stage : graph.stages()) {
        if (mode.normalise_by_batch.contains(stage) || mode.drop.contains(stage)) break;
        stages.insert(stage);
    }
    if (stages.empty()) return {{0}, {}};
    std::vector<bool> is_frozen(graph.nodes().size());
    for (NodeId id = 0; id < is_frozen.size(); ++id) {
        const Node& node = graph[id];
        if (node.is_auxiliary) continue;
        const auto is_behind = [&](NodeId input) { return is_frozen[input]; };
        const bool goes_on = !node.inputs.empty() && only_moves(node.operation) &&
                             std::ranges::all_of(node.inputs, is_behind);
        is_frozen[id] = id == 0 || stages.contains(node.stage) || goes_on;
    }
    const std::vector<int> uses = uses_of(graph, {}, outputs);
    std::set<NodeId> ends;
    for (NodeId id = 0; id < uses.size(); ++id) {
        if (uses[id] == 0 || is_frozen[id]) continue;
        for (const NodeId input : graph[id].inputs)
            if (input != 0 && is_frozen[input]) ends.insert(input);
    }
    return {{0}, {ends.begin(), ends.end()}};
}

FrozenPart::FrozenPart(
    const Graph& graph, const TensorMap& weights, const Compute& compute, Extent size, Route route)
    : route_(std::move(route)),
      weights_(weights_of(graph, weights, route_)),
      structure_(described(graph, route_)),
      compute_(compute),
      size_(size),
      inference_(graph, weights, compute, size, route_) {
    const std::vector<Shape> shapes = infer_shapes(graph, size);
    for (const NodeId end : route_.to) {
        const Shape& shape = shapes[end];
        bytes_ += shape.channels * shape.height * shape.width *
                  static_cast<std::int64_t>(at::elementSize(compute.type()));
    }
}

std::vector<at::Tensor> FrozenPart::even_values_of(
    const at::Tensor& input, std::int64_t parts) const {
    const std::int64_t images = input.size(0);
    const std::int64_t more =
        (Inference::kAtOnce - images % Inference::kAtOnce) % Inference::kAtOnce;
    if (more == 0) return values_of(input, parts);
    const at::Tensor last = input.slice(0, images - 1).expand({more, -1, -1, -1});
    std::vector<at::Tensor> values = values_of(at::cat({input, last}), parts);
    for (at::Tensor& value : values) value = value.slice(0, 0, images);
    return values;
}

std::string FrozenPart::key() const {
    constexpr std::string_view kPlan = "plan 1";  // another number where its arithmetic changes
    Sha256 hash;
    const auto add_text = [&](const std::string& text) {
        hash.update({reinterpret_cast<const std::uint8_t*>(text.data()), text.size() + 1});
    };
    const CpuFeatures cpu = cpu_features();
    std::ostringstream where;
    where << kPlan << ' ' << compute_.device << ' ' << name_of(compute_.precision) << ' '
          << size_.height << 'x' << size_.width << " torch " << GEORGIA_TORCH_VERSION << ' '
          << cpu.name << cpu.avx2 << cpu.avx512 << cpu.avx512_bf16 << cpu.amx_bf16;
    add_text(where.str());
    add_text(structure_);
    for (const auto& [name, weight] : weights_) {
        const at::Tensor plain = weight.detach().to(at::kCPU).contiguous();
        std::ostringstream text;
        text << name << ' ' << plain.scalar_type() << ' ' << plain.sizes();
        add_text(text.str());
        hash.update({static_cast<const std::uint8_t*>(plain.data_ptr()), plain.nbytes()});
    }
    return hash.hex_digest();
}

bool FrozenPart::is_of(const TensorMap& weights) const {
    return std::ranges::all_of(weights_, [&](const auto& named) {
        const at::Tensor& other = weights.at(named.first);
        return other.data_ptr() == named.second.data_ptr() || at::equal(other, named.second);
    });
}

}  // namespace georgia
