#include "georgia/engine/model_file.h"

#include <ATen/core/Tensor.h>
#include <iterator>
#include <nlohmann/json.hpp>
#include <utility>

#include "georgia/base/error.h"
#include "georgia/base/sha256.h"
#include "georgia/nn/shapes.h"
#include "georgia/nn/weights.h"
#include "georgia/nn/zoo.h"

#include "engine/reliability_format.h"
#include "nn/options_json.h"
#include "nn/strict_json.h"

namespace georgia {
namespace {

using Json = nlohmann::json;

constexpr int kFormat = 1;
constexpr int kMaxDepth = 32;
constexpr const char* kKey = "georgia";
constexpr const char* kReliability = "calibration";

Json header_of(const ModelFile& model) {
    Json header{
        {"format", kFormat},
        {"architecture", model.network.architecture},
        {"variant", model.network.variant},
        {"head", options_to_json(model.network.head)},
        {"channels", model.network.channels},
        {"classes", model.classes},
        {"preprocess", options_to_json(model.preprocess)},
        {"provenance", Json::parse(model.provenance)}};
    if (model.reliability) header[kReliability] = header_of(*model.reliability);
    return header;
}

void read_header(const Json& header, ModelFile& model) {
    model.network.architecture = header.at("architecture");
    model.network.variant = header.at("variant");
    const Json& head = header.at("head");
    if (head.is_string())  // as files were written before heads had options
        model.network.head = head_preset(head.get<std::string>());
    else
        options_from_json(head, model.network.head);
    model.network.channels = header.at("channels");
    model.classes = header.at("classes").get<std::vector<std::string>>();
    model.network.classes = static_cast<std::int64_t>(model.classes.size());
    options_from_json(header.at("preprocess"), model.preprocess);
    model.preprocess.validate();
    if (model.preprocess.channels != model.network.channels)
        throw InvalidOption("load", "channels", "network and preprocessing differ");
    model.network.height = model.preprocess.height;
    model.network.width = model.preprocess.width;
    model.provenance = header.at("provenance").dump();
}

/// Takes our own tensors out of a network's.
TensorMap own_tensors(TensorMap& tensors) {
    TensorMap own;
    for (auto it = tensors.begin(); it != tensors.end();) {
        const auto next = std::next(it);
        if (it->first.starts_with(kOwnTensors)) own.insert(tensors.extract(it));
        it = next;
    }
    return own;
}

}  // namespace

ModelFile create_model(
    NetworkSpec network,
    std::vector<std::string> classes,
    const Preprocess& preprocess,
    std::optional<std::uint64_t> seed) {
    preprocess.validate();
    network.classes = static_cast<std::int64_t>(classes.size());
    network.channels = preprocess.channels;
    network.height = preprocess.height;
    network.width = preprocess.width;
    const Graph graph = build_network(network);
    infer_shapes(graph, {network.height, network.width});
    TensorMap weights = seed ? initial_weights(graph, *seed) : zero_weights(graph);
    return {network, std::move(classes), preprocess, "{}", std::move(weights)};
}

bool is_model(const WeightsFile& file) {
    return file.metadata.contains(kKey);
}

ModelFile model_of(WeightsFile file, std::string_view subject) {
    const auto text = file.metadata.find(kKey);
    if (text == file.metadata.end())
        throw BadInput(
            "load",
            subject,
            "safetensors without georgia's metadata; not a model of ours, but georgia import may "
            "read it");
    ModelFile model;
    const TensorMap own = own_tensors(file.tensors);
    model.weights = std::move(file.tensors);
    try {
        const Json header = parse_strict_json(text->second, kMaxDepth, subject);
        if (const int format = header.at("format"); format != kFormat)
            throw BadInput(
                "load",
                subject,
                "a model of another format",
                "format " + std::to_string(kFormat),
                std::to_string(format));
        read_header(header, model);
        const Graph graph = build_network(model.network);
        check_weights(graph, model.weights, subject);
        if (!own.empty() && !header.contains(kReliability))
            throw BadInput("load", subject, "tensors of a calibration that the metadata lack");
        if (header.contains(kReliability))
            model.reliability = reliability_of(
                header.at(kReliability),
                own,
                model.network.classes,
                graph.channels_of(graph.find("features")),
                subject);
    } catch (const Json::exception& error) {
        throw BadInput("load", subject, std::string("damaged metadata: ") + error.what());
    } catch (const InvalidOption& error) {
        throw BadInput("load", subject, std::string("damaged metadata: ") + error.what());
    }
    return model;
}

ModelFile read_model(const std::filesystem::path& path) {
    return model_of(read_weights(path), path.string());
}

std::string write_model(const std::filesystem::path& path, const ModelFile& model) {
    TensorMap tensors = model.weights;
    if (model.reliability) add_tensors(*model.reliability, tensors);
    return write_weights(path, tensors, {{kKey, header_of(model).dump()}});
}

std::string weights_hash(const ModelFile& model) {
    Json header = header_of(model);
    for (const char* key : {"classes", "provenance", kReliability}) header.erase(key);
    Sha256 hash;
    const auto add_text = [&hash](const std::string& text) {
        hash.update({reinterpret_cast<const std::uint8_t*>(text.data()), text.size()});
    };
    add_text(header.dump());
    for (const auto& [name, tensor] : model.weights) {
        const at::Tensor packed = tensor.detach().cpu().contiguous();
        add_text("\n" + name + " " + shape_text(packed.sizes()) + " ");
        hash.update({static_cast<const std::uint8_t*>(packed.data_ptr()), packed.nbytes()});
    }
    return hash.hex_digest();
}

std::string trained_hash(const std::filesystem::path& path) {
    try {
        const auto metadata = read_metadata(path);
        const auto text = metadata.find(kKey);
        if (text == metadata.end()) return {};
        const Json header = parse_strict_json(text->second, kMaxDepth, path.string());
        return header.contains(kReliability) ? header.at(kReliability).at("trained") : "";
    } catch (const BadInput&) {
        return {};
    } catch (const Json::exception&) {
        return {};
    }
}

}  // namespace georgia
