#include "georgia/engine/attribution.h"

#include <ATen/ATen.h>
#include <algorithm>
#include <array>
#include <c10/core/GradMode.h>
#include <limits>
#include <string>

#include "georgia/base/error.h"
#include "georgia/nn/execute.h"

namespace georgia {
namespace {

constexpr int kSteps = 32;  // of the integral, at their middles

/// The nodes up to that one whose values later ones read.
std::vector<NodeId> cut_behind(const Graph& graph, NodeId node) {
    const std::vector<int> uses = uses_of(graph, {}, {graph.output()});
    std::vector<NodeId> cut;
    for (NodeId id = 0; id <= node; ++id) {
        const auto reads = [&](NodeId later) {
            return uses[later] > 0 && std::ranges::count(graph[later].inputs, id) > 0;
        };
        bool is_read = false;
        for (NodeId later = node + 1; later < uses.size(); ++later)
            is_read = is_read || reads(later);
        if (is_read) cut.push_back(id);
    }
    return cut;
}

/// The evidence's gradient by `value`, which the logits were computed from.
at::Tensor gradient_of(
    const at::Tensor& logits, std::span<const std::int64_t> classes, const at::Tensor& value) {
    log_odds(logits, classes).sum().backward();
    if (!value.grad().defined())
        throw InvalidOption("explain", "stage", "the answer does not depend on it");
    return value.grad();
}

at::Tensor activation_map(const Graph& graph, TensorMap& weights, const Question& question) {
    const std::vector<NodeId> cut = cut_behind(graph, question.node);
    GivenValues given;
    {
        const c10::AutoGradMode no_gradients(false);
        const auto values = execute(graph, weights, {{0, question.input}}, at::kFloat, cut);
        for (std::size_t i = 0; i < cut.size(); ++i) given[cut[i]] = values[i];
    }
    const auto found = given.find(question.node);
    if (found == given.end() || found->second.dim() != 4)
        throw InvalidOption(
            "explain", graph[question.node].name, "gives no planes that the answer depends on");
    at::Tensor& planes = found->second;
    planes = planes.detach().requires_grad_(true);
    const c10::AutoGradMode gradients(true);
    const at::Tensor logits = execute(graph, weights, given, at::kFloat, {graph.output()})[0];
    const at::Tensor gradient = gradient_of(logits, question.classes, planes);
    const at::Tensor weight = question.method == AttributionMethod::kGradCam
                                  ? gradient.mean({2, 3}, /*keepdim=*/true)
                                  : gradient.relu();
    const at::Tensor map = (weight * planes.detach()).sum(1, /*keepdim=*/true).relu();
    const std::array size{question.input.size(2), question.input.size(3)};
    return at::upsample_bilinear2d(map, size, /*align_corners=*/false).squeeze(1);
}

at::Tensor integrated_gradients(const Graph& graph, TensorMap& weights, const Question& question) {
    at::Tensor sum = at::zeros_like(question.input);
    const c10::AutoGradMode gradients(true);
    for (int step = 0; step < kSteps; ++step) {
        const double part = (step + 0.5) / kSteps;
        const at::Tensor between = (question.input * part).detach().requires_grad_(true);
        const at::Tensor logits =
            execute(graph, weights, {{0, between}}, at::kFloat, {graph.output()})[0];
        sum += gradient_of(logits, question.classes, between);
    }
    return (question.input * sum / kSteps).sum(1);
}

}  // namespace

NodeId last_planes(const Graph& graph, Extent size) {
    const std::vector<int> uses = uses_of(graph, {}, {graph.output()});
    const std::vector<Shape> shapes = infer_shapes(graph, size);
    NodeId last = 0;
    for (NodeId id = 0; id < uses.size(); ++id)
        if (uses[id] > 0 && shapes[id].height * shapes[id].width > 1) last = id;
    return last;
}

at::Tensor log_odds(const at::Tensor& logits, std::span<const std::int64_t> classes) {
    const at::Tensor index = at::tensor(at::IntArrayRef(classes.data(), classes.size()), at::kLong)
                                 .to(logits.device())
                                 .unsqueeze(1);
    const at::Tensor others =
        logits.scatter(1, index, -std::numeric_limits<float>::infinity()).logsumexp(1);
    return logits.gather(1, index).squeeze(1) - others;
}

at::Tensor attribute(const Graph& graph, TensorMap& weights, const Question& question) {
    if (question.input.size(0) != static_cast<std::int64_t>(question.classes.size()))
        throw InvalidOption("explain", "classes", "one for each image is wanted");
    const at::Tensor map = question.method == AttributionMethod::kIntegratedGradients
                               ? integrated_gradients(graph, weights, question)
                               : activation_map(graph, weights, question);
    return map.detach();
}

}  // namespace georgia
