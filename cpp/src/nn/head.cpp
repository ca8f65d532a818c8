#include "nn/head.h"

#include <algorithm>
#include <string>

#include "georgia/base/error.h"

namespace georgia {
namespace {

struct Preset {
    const char* name;
    HeadOptions head;
};

const std::array<Preset, 4>& presets() {
    static const std::array<Preset, 4> kPresets{{
        {"linear", {}},
        {"dense", {HeadPool::kAverage, {512, 256}, {0, 0.4, 0.3}, {1}}},
        {"concat", {HeadPool::kAverageMax, {512}, {0.25, 0.5}, {0, 1}}},
        {"one_logit", {HeadPool::kAverage, {}, {}, {}, true}},
    }};
    return kPresets;
}

/// Normalisation and dropout at one place of the head.
NodeId settle(Graph& graph, NodeId input, const NetworkSpec& spec, std::size_t place) {
    const HeadOptions& head = spec.head;
    const std::string number = std::to_string(place);
    NodeId x = input;
    const auto& norms = head.batch_norm;
    if (std::find(norms.begin(), norms.end(), static_cast<std::int64_t>(place)) != norms.end())
        x = graph.batch_norm("head.norm" + number, x, spec.variant == "keras" ? 1e-3 : 1e-5);
    if (place < head.dropout.size() && head.dropout[place] > 0)
        x = graph.dropout("head.dropout" + number, x, head.dropout[place]);
    return x;
}

}  // namespace

void HeadOptions::validate() const {
    check_ranges(*this);
    const std::size_t places = hidden.size() + 1;
    if (pool == HeadPool::kOwn && *this != HeadOptions{})
        throw InvalidOption(
            "HeadOptions", "pool", "the network's own classifier takes no further options");
    if (!dropout.empty() && dropout.size() != places)
        throw InvalidOption(
            "HeadOptions",
            "dropout",
            "one rate after the pooling and one after each hidden layer",
            std::to_string(places),
            std::to_string(dropout.size()));
    for (const std::int64_t place : batch_norm)
        if (place >= static_cast<std::int64_t>(places))
            throw InvalidOption(
                "HeadOptions",
                "batch_norm",
                "there is no such hidden layer",
                "at most " + std::to_string(hidden.size()),
                std::to_string(place));
}

HeadOptions head_preset(std::string_view name) {
    std::string known;
    for (const Preset& preset : presets()) {
        if (name == preset.name) return preset.head;
        known.append(known.empty() ? "" : ", ").append(preset.name);
    }
    throw InvalidOption("network", "head", "unknown name", known + " or HeadOptions", name);
}

void append_head(Graph& graph, NodeId trunk, const NetworkSpec& spec) {
    const HeadOptions& head = spec.head;
    NodeId x = graph.global_average_pool("head.average", trunk);
    if (head.pool == HeadPool::kAverageMax)
        x = graph.concatenate("head.pooled", {x, graph.global_max_pool("head.maximum", trunk)});
    x = settle(graph, x, spec, 0);
    for (std::size_t i = 0; i < head.hidden.size(); ++i) {
        const std::string number = std::to_string(i + 1);
        x = graph.relu("head.relu" + number, graph.linear("head.fc" + number, x, head.hidden[i]));
        x = settle(graph, x, spec, i + 1);
    }
    x = graph.linear("head.out", x, head.one_logit ? 1 : spec.classes);
    if (head.one_logit) graph.prepend_zero("head.logits", x);
}

}  // namespace georgia
