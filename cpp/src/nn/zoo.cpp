#include "georgia/nn/zoo.h"

#include <array>

#include "georgia/base/error.h"

#include "nn/resnet.h"

namespace georgia {
namespace {

struct Entry {
    const char* name;
    Graph (*build)(const NetworkSpec&);
};

constexpr std::array<Entry, 5> kNetworks{{
    {"resnet18", [](const NetworkSpec& spec) { return resnet(18, spec); }},
    {"resnet34", [](const NetworkSpec& spec) { return resnet(34, spec); }},
    {"resnet50", [](const NetworkSpec& spec) { return resnet(50, spec); }},
    {"resnet101", [](const NetworkSpec& spec) { return resnet(101, spec); }},
    {"resnet152", [](const NetworkSpec& spec) { return resnet(152, spec); }},
}};

}  // namespace

std::vector<std::string> network_names() {
    std::vector<std::string> names;
    for (const Entry& entry : kNetworks) names.emplace_back(entry.name);
    return names;
}

Graph build_network(const NetworkSpec& spec) {
    if (spec.variant != "torchvision")
        throw InvalidOption("network", "variant", "unknown name", "torchvision", spec.variant);
    if (spec.head != "linear")
        throw InvalidOption("network", "head", "unknown name", "linear", spec.head);
    if (spec.classes < 1 || (spec.channels != 1 && spec.channels != 3 && spec.channels != 4))
        throw InvalidOption("network", "", "expected 1, 3 or 4 channels and at least one class");
    std::string known;
    for (const Entry& entry : kNetworks) {
        if (spec.architecture == entry.name) return entry.build(spec);
        known.append(known.empty() ? "" : ", ").append(entry.name);
    }
    throw InvalidOption("network", "network", "unknown name", "one of " + known, spec.architecture);
}

}  // namespace georgia
