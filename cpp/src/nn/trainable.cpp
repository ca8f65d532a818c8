#include "georgia/nn/trainable.h"

#include <ATen/ATen.h>
#include <algorithm>
#include <charconv>
#include <map>
#include <optional>
#include <vector>

#include "georgia/base/error.h"
#include "georgia/nn/shapes.h"

namespace georgia {
namespace {

/// The share in "last:F"; nothing for another name.
std::optional<double> last_share(const std::string& name) {
    constexpr std::string_view kPrefix = "last:";
    if (!name.starts_with(kPrefix)) return std::nullopt;
    double share = 0;
    const char* const end = name.data() + name.size();
    const auto read = std::from_chars(name.data() + kPrefix.size(), end, share);
    if (read.ec != std::errc{} || read.ptr != end || !(share >= 0 && share <= 1))
        throw InvalidOption("options", "trainable", "expected last:F with F in 0 to 1", "", name);
    return share;
}

std::set<std::string> last_stages(const Graph& graph, double share) {
    std::vector<std::string> stages;  // of the trunk's layers, in order
    for (const Node& node : graph.nodes())
        if (!node.is_auxiliary && node.stage != "head") stages.push_back(node.stage);
    const auto count = static_cast<std::size_t>(share * static_cast<double>(stages.size()));
    std::map<std::string, std::size_t> inside;
    for (std::size_t i = stages.size() - count; i < stages.size(); ++i) ++inside[stages[i]];
    inside.erase("");  // the input
    std::set<std::string> chosen{"head"};
    for (const auto& [stage, layers] : inside)
        if (2 * layers >= static_cast<std::size_t>(std::count(stages.begin(), stages.end(), stage)))
            chosen.insert(stage);
    return chosen;
}

}  // namespace

std::set<std::string> stages_named(const Graph& graph, const std::vector<std::string>& names) {
    const std::vector<std::string> known = graph.stages();
    std::set<std::string> chosen;
    for (const std::string& stage : names) {
        if (stage == "all") {
            chosen.insert(known.begin(), known.end());
        } else if (const std::optional<double> share = last_share(stage)) {
            chosen.merge(last_stages(graph, *share));
        } else if (std::find(known.begin(), known.end(), stage) != known.end()) {
            chosen.insert(stage);
        } else {
            std::string list = "all, last:F";
            for (const std::string& name : known) list += ", " + name;
            throw InvalidOption("options", "trainable", "unknown stage", "one of " + list, stage);
        }
    }
    return chosen;
}

void set_trainable(
    const Graph& graph,
    TensorMap& weights,
    const std::set<std::string>& stages,
    bool with_auxiliary) {
    for (const TensorSpec& spec : tensor_specs(graph))
        if (spec.is_trained())
            weights.at(spec.name).requires_grad_(
                stages.contains(spec.stage) && (with_auxiliary || !spec.is_auxiliary));
}

TrainingCost training_cost(
    const Graph& graph, Extent input, const std::set<std::string>& trained_stages) {
    TrainingCost cost;
    for (const std::string& stage : graph.stages())
        if (trained_stages.contains(stage)) cost.stages.push_back(stage);
    std::vector<bool> has_trained(graph.nodes().size());
    for (const TensorSpec& spec : tensor_specs(graph)) {
        if (!spec.is_trained() || spec.is_auxiliary) continue;
        const bool is_trained = trained_stages.contains(spec.stage);
        std::int64_t values = 1;
        for (const std::int64_t side : spec.shape) values *= side;
        (is_trained ? cost.trained : cost.frozen) += values;
        if (is_trained) has_trained[spec.node] = true;
    }
    const std::vector<std::int64_t> counts = multiply_adds(graph, input);
    std::vector<bool> has_gradient(counts.size());  // its output depends on a trained value
    for (NodeId id = 0; id < counts.size(); ++id) {
        const Node& node = graph[id];
        if (node.is_auxiliary) continue;
        const bool is_behind = std::any_of(
            node.inputs.begin(), node.inputs.end(), [&](NodeId i) { return has_gradient[i]; });
        has_gradient[id] = is_behind || has_trained[id];
        cost.multiply_adds += counts[id] * (1 + (is_behind ? 1 : 0) + (has_trained[id] ? 1 : 0));
    }
    return cost;
}

}  // namespace georgia
