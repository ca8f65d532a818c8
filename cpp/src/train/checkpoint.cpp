#include "georgia/train/checkpoint.h"

#include <nlohmann/json.hpp>

#include "georgia/base/error.h"
#include "georgia/nn/weights.h"

#include "nn/options_json.h"
#include "nn/strict_json.h"

namespace georgia {
namespace {

using Json = nlohmann::json;

constexpr int kFormat = 1;
constexpr int kMaxDepth = 32;
constexpr const char* kKey = "georgia_checkpoint";
constexpr std::string_view kWeights = "weights/";
constexpr std::string_view kOptimizer = "optimizer/";

Json header_of(const Checkpoint& c) {
    return {
        {"format", kFormat},
        {"options", options_to_json(c.options)},
        {"device", c.device},
        {"precision", name_of(c.precision)},
        {"threads", c.threads},
        {"data_hash", c.data_hash},
        {"position", {c.position.epoch, c.position.batch}},
        {"sums", {c.sums.loss, c.sums.correct, c.sums.seen, c.sums.seconds}},
        {"best", {c.best.epoch, c.best.accuracy, c.best.loss, c.best.sha256}},
        {"history", options_to_json(c.history)}};
}

void read_header(const Json& header, Checkpoint& c) {
    options_from_json(header.at("options"), c.options);
    c.options.validate();
    c.device = header.at("device");
    c.precision = enum_from<Precision>("precision", header.at("precision").get<std::string>());
    c.threads = header.at("threads");
    c.data_hash = header.at("data_hash");
    const Json& position = header.at("position");
    c.position = {position.at(0), position.at(1)};
    const Json& sums = header.at("sums");
    c.sums = {sums.at(0), sums.at(1), sums.at(2), sums.at(3)};
    const Json& best = header.at("best");
    c.best = {best.at(0), best.at(1), best.at(2), best.at(3)};
    options_from_json(header.at("history"), c.history);
    if (c.position.epoch < 0 || c.position.batch < 0 || c.threads < 1 || c.threads > 1024)
        throw InvalidOption("resume", "position", "out of range");
}

void append(TensorMap& all, std::string_view prefix, const TensorMap& part) {
    for (const auto& [name, tensor] : part) all.emplace(std::string(prefix) + name, tensor);
}

}  // namespace

void write_checkpoint(const std::filesystem::path& path, const Checkpoint& checkpoint) {
    TensorMap tensors;
    append(tensors, kWeights, checkpoint.weights);
    append(tensors, kOptimizer, checkpoint.optimizer);
    write_weights(path, tensors, {{kKey, header_of(checkpoint).dump()}});
}

Checkpoint read_checkpoint(const std::filesystem::path& path) {
    WeightsFile file = read_weights(path);
    const auto text = file.metadata.find(kKey);
    if (text == file.metadata.end())
        throw BadInput("resume", path.string(), "safetensors, but not a checkpoint of ours");
    Checkpoint checkpoint;
    try {
        const Json header = parse_strict_json(text->second, kMaxDepth, path.string());
        if (header.at("format") != kFormat)
            throw BadInput("resume", path.string(), "a checkpoint of another format");
        read_header(header, checkpoint);
    } catch (const Json::exception& error) {
        throw BadInput("resume", path.string(), std::string("damaged metadata: ") + error.what());
    } catch (const InvalidOption& error) {
        throw BadInput("resume", path.string(), std::string("damaged metadata: ") + error.what());
    }
    for (auto& [name, tensor] : file.tensors) {
        const bool is_weight = name.starts_with(kWeights);
        if (!is_weight && !name.starts_with(kOptimizer))
            throw BadInput("resume", path.string(), "unexpected tensor " + name);
        TensorMap& part = is_weight ? checkpoint.weights : checkpoint.optimizer;
        part[name.substr((is_weight ? kWeights : kOptimizer).size())] = tensor;
    }
    return checkpoint;
}

}  // namespace georgia
