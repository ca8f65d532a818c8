#include "georgia/engine/inference.h"

#include <ATen/ATen.h>
#include <algorithm>
#include <c10/core/GradMode.h>
#include <c10/core/impl/VirtualGuardImpl.h>
#include <chrono>
#include <optional>
#include <set>
#include <utility>

#include "georgia/base/threads.h"
#include "georgia/nn/apply.h"
#include "georgia/nn/execute.h"

#include "engine/fused_layer.h"
#include "engine/fusion.h"

namespace georgia {
namespace {

/// True where execute would cast a node's weights to the computing type at every call.
bool computes_in_input_type(const Node& node) {
    const bool is_mixed = node.operation == Operation::kBatchNorm;
    return !is_mixed && (!node.has_rows || node.operation == Operation::kLayerNorm);
}

/// True where a plain node gives its input's memory under another name.
bool may_share_memory(Operation operation) {
    return operation == Operation::kFlatten || operation == Operation::kDropout ||
           operation == Operation::kStochasticDepth;
}

}  // namespace

struct Inference::Kernels {
    struct Step {
        FusedNodes nodes;
        std::optional<FusedLayer> layer;  // none: a plain node
        bool may_overwrite = false;       // what is added, or the first input
        std::vector<NodeId> last_reads;   // values that nobody reads afterwards
    };

    Graph graph;
    Compute compute;
    Route route;
    std::vector<Shape> shapes;
    std::vector<std::int64_t> multiply_adds;
    TensorMap weights;  // of plain nodes
    std::vector<Step> steps;

    Kernels(
        const Graph& whole,
        const TensorMap& all_weights,
        const Compute& where,
        Extent size,
        const Route& way)
        : graph(whole),
          compute(where),
          route(way),
          shapes(infer_shapes(graph, size)),
          multiply_adds(georgia::multiply_adds(graph, size)) {
        const std::set<NodeId> given(route.from.begin(), route.from.end());
        for (const FusedNodes& nodes : fuse(graph, given, route.to)) {
            steps.push_back({nodes, std::nullopt, false, {}});
            if (fuses(graph[nodes.layer].operation))
                steps.back().layer.emplace(
                    graph,
                    nodes,
                    all_weights,
                    FusedLayer::Setting{compute, shapes[nodes.input], kAtOnce});
            else
                keep_weights(graph[nodes.layer], all_weights);
        }
        find_last_reads();
    }

    void keep_weights(const Node& node, const TensorMap& all) {
        const at::ScalarType type = computes_in_input_type(node) ? compute.type() : at::kFloat;
        for (const char* suffix : {"", ".weight", ".bias", ".running_mean", ".running_var"})
            if (const auto found = all.find(node.name + suffix); found != all.end())
                weights[found->first] = found->second.detach().to(compute.device, type);
    }

    std::vector<NodeId> inputs_of(const Step& step) const {
        if (!step.layer) return graph[step.nodes.layer].inputs;
        std::vector<NodeId> inputs{step.nodes.input};
        if (step.nodes.added) inputs.push_back(*step.nodes.added);
        return inputs;
    }

    /// A value is overwritten by its last reader alone, and only if it is a kernel's own: others
    /// may be the caller's, or another value's memory.
    void find_last_reads() {
        std::set<NodeId> needed(route.to.begin(), route.to.end());
        std::set<NodeId> own;
        for (const Step& step : steps)
            if (step.layer) own.insert(step.nodes.result);
        for (const Step& step : steps)
            if (may_share_memory(graph[step.nodes.layer].operation))
                for (const NodeId input : inputs_of(step)) own.erase(input);
        for (auto step = steps.rbegin(); step != steps.rend(); ++step) {
            const std::vector<NodeId> inputs = inputs_of(*step);
            for (const NodeId input : inputs)
                if (needed.insert(input).second) step->last_reads.push_back(input);
            const auto is_last = [&](NodeId id) {
                return std::ranges::count(step->last_reads, id) > 0 &&
                       std::ranges::count(inputs, id) == 1;
            };
            std::optional<NodeId> target = step->nodes.added;
            if (!step->layer && !inputs.empty()) target = inputs[0];
            step->may_overwrite = target && is_last(*target) && own.contains(*target);
        }
    }

    at::Tensor compute_step(const Step& step, const std::vector<at::Tensor>& values) const {
        if (step.layer) {
            std::optional<at::Tensor> added;
            if (step.nodes.added) added = values[*step.nodes.added];
            return (*step.layer)(values[step.nodes.input], added, step.may_overwrite);
        }
        std::vector<at::Tensor> inputs;
        for (const NodeId id : inputs_of(step)) inputs.push_back(values[id]);
        const ApplyMode mode{compute.type(), step.may_overwrite};
        return apply(graph[step.nodes.layer], inputs, weights, mode);
    }

    /// A few images, or what is given in their place.
    std::vector<at::Tensor> some_values() const {
        std::vector<at::Tensor> values;
        for (const NodeId id : route.from) {
            std::vector<std::int64_t> sizes = shapes[id].sizes();
            sizes.insert(sizes.begin(), kAtOnce);
            const at::Tensor value =
                at::ones(sizes, at::TensorOptions(compute.type()).device(compute.device));
            values.push_back(
                value.dim() == 4 ? value.contiguous(at::MemoryFormat::ChannelsLast) : value);
        }
        return values;
    }

    /// Until a GPU has done what it was told.
    void wait() const {
        if (!compute.device.is_cpu())
            c10::impl::VirtualGuardImpl(compute.device.type())
                .synchronizeDevice(compute.device.index());
    }

    /// `finished` is told of each step.
    template <class Finished>
    std::vector<at::Tensor> run(const std::vector<at::Tensor>& given, Finished finished) const {
        std::vector<at::Tensor> values(graph.nodes().size());
        for (std::size_t i = 0; i < given.size(); ++i) values[route.from[i]] = given[i];
        for (std::size_t i = 0; i < steps.size(); ++i) {
            values[steps[i].nodes.result] = compute_step(steps[i], values);
            for (const NodeId id : steps[i].last_reads) values[id].reset();
            finished(i);
        }
        std::vector<at::Tensor> results;
        for (const NodeId id : route.to) results.push_back(values[id]);
        return results;
    }
};

Inference::Inference(
    const Graph& graph,
    const TensorMap& weights,
    const Compute& compute,
    Extent size,
    const Route& route)
    : compute_(compute) {
    require_compute_threads("predict");
    const c10::AutoGradMode no_gradients(false);
    kernels_ = std::make_unique<const Kernels>(graph, weights, compute, size, route);
}

Inference::Inference(
    const Graph& graph, const TensorMap& weights, const Compute& compute, Extent size)
    : Inference(graph, weights, compute, size, {{0}, {graph.output()}}) {}

Inference::~Inference() = default;
Inference::Inference(Inference&&) noexcept = default;

std::vector<at::Tensor> Inference::run(
    const std::vector<at::Tensor>& given, std::int64_t parts) const {
    require_compute_threads("predict");
    const c10::AutoGradMode no_gradients(false);
    const auto ignore = [](std::size_t) {};
    const std::int64_t images = given.front().size(0);
    std::int64_t at_once = (images + parts - 1) / parts;
    if (compute_.device.is_cpu()) at_once = std::min(at_once, kAtOnce);
    if (images <= at_once) return kernels_->run(given, ignore);
    std::vector<std::vector<at::Tensor>> results(kernels_->route.to.size());
    for (std::int64_t first = 0; first < images; first += at_once) {
        std::vector<at::Tensor> some;
        for (const at::Tensor& value : given)
            some.push_back(value.slice(0, first, std::min(first + at_once, images)));
        const std::vector<at::Tensor> values = kernels_->run(some, ignore);
        for (std::size_t i = 0; i < values.size(); ++i) results[i].push_back(values[i]);
    }
    std::vector<at::Tensor> joined;
    for (const auto& result : results) joined.push_back(at::cat(result));
    return joined;
}

at::Tensor as_features(const at::Tensor& values) {
    const at::Tensor precise = values.to(at::kFloat);
    return precise.dim() == 2 ? precise : precise.mean({2, 3});
}

at::Tensor Inference::logits(const at::Tensor& input) const {
    return run({input}).back().to(at::kFloat);
}

at::Tensor Inference::features(const at::Tensor& input) const {
    return as_features(run({input}).back());
}

std::vector<PlanStep> Inference::plan() const {
    std::vector<PlanStep> plan;
    for (const Kernels::Step& step : kernels_->steps) {
        PlanStep row{
            {},
            kernels_->graph[step.nodes.layer].operation,
            kernels_->shapes[step.nodes.result],
            kernels_->multiply_adds[step.nodes.layer],
            0};
        for (const NodeId id : step.nodes.nodes()) row.nodes.push_back(kernels_->graph[id].name);
        plan.push_back(std::move(row));
    }
    return plan;
}

std::vector<PlanStep> Inference::timed_plan() const {
    using Clock = std::chrono::steady_clock;
    constexpr int kRounds = 5;
    require_compute_threads("plan");
    const c10::AutoGradMode no_gradients(false);
    std::vector<PlanStep> plan = this->plan();
    for (int round = 0; round < kRounds; ++round) {
        const std::vector<at::Tensor> given = kernels_->some_values();
        Clock::time_point last = Clock::now();
        kernels_->run(given, [&](std::size_t i) {
            kernels_->wait();
            const std::chrono::duration<double> spent = Clock::now() - last;
            const double seconds = spent.count() / kAtOnce;
            plan[i].seconds = round == 0 ? seconds : std::min(plan[i].seconds, seconds);
            last = Clock::now();
        });
    }
    return plan;
}

}  // namespace georgia
