#include "georgia/nn/zoo.h"

#include <array>

#include "georgia/base/error.h"

#include "nn/family.h"
#include "nn/head.h"

namespace georgia {
namespace {

struct Entry {
    const char* name;
    const Family* family;
    int depth;  ///< what tells it from others of its family
    std::int64_t native_size;
    const Family* keras = nullptr;  ///< the same network as Keras has it
};

const std::array<Entry, 16>& entries() {
    static const std::array<Entry, 16> kEntries{{
        {"alexnet", &kAlexnet, 0, 224},
        {"convnext_tiny", &kConvnext, 0, 224},
        {"inception_v3", &kInception, 0, 299},
        {"logistic", &kLogistic, 0, 32},
        {"resnet18", &kResnet, 18, 224, &kKerasResnet},
        {"resnet34", &kResnet, 34, 224, &kKerasResnet},
        {"resnet50", &kResnet, 50, 224, &kKerasResnet},
        {"resnet101", &kResnet, 101, 224, &kKerasResnet},
        {"resnet152", &kResnet, 152, 224, &kKerasResnet},
        {"small_cnn", &kSmallCnn, 0, 64},
        {"squeezenet1_0", &kSqueezenet, 10, 224},
        {"squeezenet1_1", &kSqueezenet, 11, 224},
        {"vgg11", &kVgg, 11, 224},
        {"vgg16", &kVgg, 16, 224},
        {"vgg16_bn", &kVggBn, 16, 224},
        {"vgg19", &kVgg, 19, 224},
    }};
    return kEntries;
}

const Entry& entry_of(const std::string& name) {
    std::string known;
    for (const Entry& entry : entries()) {
        if (name == entry.name) return entry;
        known.append(known.empty() ? "" : ", ").append(entry.name);
    }
    throw InvalidOption("network", "network", "unknown name", "one of " + known, name);
}

const Family& family_of(const Entry& entry, const std::string& variant) {
    if (variant == "torchvision") return *entry.family;
    if (variant == "keras" && entry.keras != nullptr) return *entry.keras;
    const std::string known =
        entry.keras != nullptr ? "torchvision or keras" : "torchvision, the only one of this";
    throw InvalidOption("network", "variant", "unknown name", known, variant);
}

void check_sizes(const NetworkSpec& spec) {
    if (spec.classes < 1 || (spec.channels != 1 && spec.channels != 3 && spec.channels != 4))
        throw InvalidOption("network", "", "expected 1, 3 or 4 channels and at least one class");
    if (spec.head.one_logit && spec.classes != 2)
        throw InvalidOption(
            "network",
            "head",
            "one logit decides between two classes",
            "2 classes",
            std::to_string(spec.classes));
    if (spec.architecture != "logistic") return;
    if (spec.head.pool != HeadPool::kOwn)
        throw InvalidOption("network", "head", "logistic regression has no trunk to put it on");
    if (spec.height < 1 || spec.width < 1)
        throw InvalidOption("network", "size", "logistic regression needs the size of its input");
}

}  // namespace

std::vector<std::string> network_names() {
    std::vector<std::string> names;
    for (const Entry& entry : entries()) names.emplace_back(entry.name);
    return names;
}

std::vector<std::string> network_variants(const std::string& name) {
    if (entry_of(name).keras != nullptr) return {"torchvision", "keras"};
    return {"torchvision"};
}

std::int64_t native_size(const std::string& name) {
    return entry_of(name).native_size;
}

Graph build_network(const NetworkSpec& spec) {
    const Entry& entry = entry_of(spec.architecture);
    const Family& family = family_of(entry, spec.variant);
    spec.head.validate();
    check_sizes(spec);
    Graph graph(spec.channels);
    const NodeId trunk = family.trunk(graph, spec, entry.depth);
    graph.begin_stage("head");
    if (spec.head.pool == HeadPool::kOwn)
        family.classifier(graph, trunk, spec);
    else
        append_head(graph, trunk, spec);
    return graph;
}

}  // namespace georgia
