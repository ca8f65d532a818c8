#include "nn/family.h"

namespace georgia {
namespace {

NodeId trunk(Graph& graph, const NetworkSpec&, int) {
    const auto convolve = [&](const char* name, NodeId input, Attributes attributes) {
        attributes.bias = true;
        return graph.convolution(name, input, attributes);
    };
    graph.begin_stage("stem");
    NodeId x = graph.relu("features.1", convolve("features.0", 0, {64, 11, 4, 2}));
    x = graph.max_pool("features.2", x, {0, 3, 2});
    graph.begin_stage("stage1");
    x = graph.relu("features.4", convolve("features.3", x, {192, 5, 1, 2}));
    x = graph.max_pool("features.5", x, {0, 3, 2});
    graph.begin_stage("stage2");
    x = graph.relu("features.7", convolve("features.6", x, {384, 3, 1, 1}));
    graph.begin_stage("stage3");
    x = graph.relu("features.9", convolve("features.8", x, {256, 3, 1, 1}));
    graph.begin_stage("stage4");
    x = graph.relu("features.11", convolve("features.10", x, {256, 3, 1, 1}));
    return graph.max_pool("features.12", x, {0, 3, 2});
}

void classifier(Graph& graph, NodeId trunk, const NetworkSpec& spec) {
    NodeId x = graph.flatten("flatten", graph.adaptive_average_pool("avgpool", trunk, 6), 6);
    x = graph.dropout("classifier.0", x, 0.5);
    x = graph.relu("classifier.2", graph.linear("classifier.1", x, 4096));
    x = graph.dropout("classifier.3", x, 0.5);
    x = graph.relu("classifier.5", graph.linear("classifier.4", x, 4096));
    graph.linear("classifier.6", x, spec.classes);
}

}  // namespace

const Family kAlexnet{trunk, classifier};

}  // namespace georgia
