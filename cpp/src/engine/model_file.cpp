#include "georgia/engine/model_file.h"

#include <nlohmann/json.hpp>

#include "georgia/base/error.h"
#include "georgia/nn/weights.h"
#include "georgia/nn/zoo.h"

#include "nn/options_json.h"
#include "nn/strict_json.h"

namespace georgia {
namespace {

using Json = nlohmann::json;

constexpr int kFormat = 1;
constexpr int kMaxDepth = 32;
constexpr const char* kKey = "georgia";

Json header_of(const ModelFile& model) {
    return {
        {"format", kFormat},
        {"architecture", model.network.architecture},
        {"variant", model.network.variant},
        {"head", model.network.head},
        {"channels", model.network.channels},
        {"classes", model.classes},
        {"preprocess", options_to_json(model.preprocess)},
        {"provenance", Json::parse(model.provenance)}};
}

void read_header(const Json& header, ModelFile& model) {
    model.network.architecture = header.at("architecture");
    model.network.variant = header.at("variant");
    model.network.head = header.at("head");
    model.network.channels = header.at("channels");
    model.classes = header.at("classes").get<std::vector<std::string>>();
    model.network.classes = static_cast<std::int64_t>(model.classes.size());
    options_from_json(header.at("preprocess"), model.preprocess);
    model.preprocess.validate();
    if (model.preprocess.channels != model.network.channels)
        throw InvalidOption("load", "channels", "network and preprocessing differ");
    model.provenance = header.at("provenance").dump();
}

}  // namespace

ModelFile read_model(const std::filesystem::path& path) {
    WeightsFile file = read_weights(path);
    const auto text = file.metadata.find(kKey);
    if (text == file.metadata.end())
        throw BadInput(
            "load", path.string(), "safetensors without georgia's metadata; not a model of ours");
    ModelFile model;
    try {
        const Json header = parse_strict_json(text->second, kMaxDepth, path.string());
        if (const int format = header.at("format"); format != kFormat)
            throw BadInput(
                "load",
                path.string(),
                "a model of another format",
                "format " + std::to_string(kFormat),
                std::to_string(format));
        read_header(header, model);
    } catch (const Json::exception& error) {
        throw BadInput("load", path.string(), std::string("damaged metadata: ") + error.what());
    } catch (const InvalidOption& error) {
        throw BadInput("load", path.string(), std::string("damaged metadata: ") + error.what());
    }
    model.weights = std::move(file.tensors);
    check_weights(build_network(model.network), model.weights, path.string());
    return model;
}

std::string write_model(const std::filesystem::path& path, const ModelFile& model) {
    return write_weights(path, model.weights, {{kKey, header_of(model).dump()}});
}

}  // namespace georgia
