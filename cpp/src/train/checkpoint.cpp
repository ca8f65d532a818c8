#include "georgia/train/checkpoint.h"

#include <ATen/ATen.h>
#include <array>
#include <nlohmann/json.hpp>
#include <utility>

#include "georgia/base/error.h"
#include "georgia/nn/weights.h"

#include "nn/options_json.h"
#include "nn/strict_json.h"

namespace georgia {
namespace {

using Json = nlohmann::json;

constexpr int kFormat = 2;
constexpr int kMaxDepth = 32;
constexpr const char* kKey = "georgia_checkpoint";
constexpr std::string_view kWeights = "weights/";
constexpr std::string_view kOptimizer = "optimizer/";
constexpr std::string_view kAverage = "average/";
constexpr const char* kHistory = "history";  // JSON as bytes: it outgrows what a header may hold

Json header_of(const Checkpoint& c) {
    return {
        {"format", kFormat},
        {"options", options_to_json(c.options)},
        {"device", c.device},
        {"precision", name_of(c.precision)},
        {"threads", c.threads},
        {"data_hash", c.data_hash},
        {"position", {c.position.epoch, c.position.batch}},
        {"progress", {c.step, c.seconds, c.ending, c.ended}},
        {"sums", {c.sums.loss, c.sums.correct, c.sums.seen, c.sums.seconds}},
        {"best", {c.best.epoch, c.best.value, c.best.loss, c.best.sha256}}};
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
    const Json& progress = header.at("progress");
    c.step = progress.at(0);
    c.seconds = progress.at(1);
    c.ending = progress.at(2);
    c.ended = progress.at(3);
    const Json& sums = header.at("sums");
    c.sums = {sums.at(0), sums.at(1), sums.at(2), sums.at(3)};
    const Json& best = header.at("best");
    c.best = {best.at(0), best.at(1), best.at(2), best.at(3)};
    if (c.position.epoch < 0 || c.position.batch < 0 || c.threads < 1 || c.threads > 1024)
        throw InvalidOption("resume", "position", "out of range");
}

void append(TensorMap& all, std::string_view prefix, const TensorMap& part) {
    for (const auto& [name, tensor] : part) all.emplace(std::string(prefix) + name, tensor);
}

/// Puts a tensor where its prefix says; false where that is unknown.
bool place(std::string_view name, const at::Tensor& tensor, Checkpoint& c) {
    const std::array parts{
        std::pair{kWeights, &c.weights},
        std::pair{kOptimizer, &c.optimizer},
        std::pair{kAverage, &c.average}};
    for (const auto& [prefix, part] : parts) {
        if (!name.starts_with(prefix)) continue;
        part->emplace(name.substr(prefix.size()), tensor);
        return true;
    }
    return false;
}

/// Runs what reads our JSON; its errors name the file.
template <class Read>
void reading(const std::filesystem::path& path, Read read) {
    try {
        read();
    } catch (const Json::exception& error) {
        throw BadInput("resume", path.string(), std::string("damaged metadata: ") + error.what());
    } catch (const InvalidOption& error) {
        throw BadInput("resume", path.string(), std::string("damaged metadata: ") + error.what());
    }
}

Checkpoint checkpoint_of(
    const std::map<std::string, std::string>& metadata, const std::filesystem::path& path) {
    const auto text = metadata.find(kKey);
    if (text == metadata.end())
        throw BadInput("resume", path.string(), "safetensors, but not a checkpoint of ours");
    Checkpoint checkpoint;
    reading(path, [&] {
        const Json header = parse_strict_json(text->second, kMaxDepth, path.string());
        if (header.at("format") != kFormat)
            throw BadInput("resume", path.string(), "a checkpoint of another format");
        read_header(header, checkpoint);
    });
    return checkpoint;
}

std::vector<EpochRecord> history_of(const at::Tensor& bytes, const std::filesystem::path& path) {
    if (bytes.scalar_type() != at::kByte)
        throw BadInput("resume", path.string(), "damaged history");
    const auto* const text = reinterpret_cast<const char*>(bytes.const_data_ptr<std::uint8_t>());
    std::vector<EpochRecord> history;
    reading(path, [&] {
        const std::string_view view(text, static_cast<std::size_t>(bytes.numel()));
        options_from_json(parse_strict_json(view, kMaxDepth, path.string()), history);
    });
    return history;
}

/// What `read` gives; where the file is damaged, the error names the checkpoint before it.
template <typename Read>
auto read_or_name_previous(const std::filesystem::path& path, Read read) {
    try {
        return read();
    } catch (const BadInput& error) {
        if (!std::filesystem::exists(path.parent_path() / kPreviousCheckpoint)) throw;
        throw BadInput(
            "resume",
            path.string(),
            std::string("damaged; ") + kPreviousCheckpoint +
                " is the one before: give it that name to go on from there (" + error.what() + ")");
    }
}

Checkpoint read_whole(const std::filesystem::path& path) {
    const WeightsFile file = read_weights(path);
    Checkpoint checkpoint = checkpoint_of(file.metadata, path);
    for (const auto& [name, tensor] : file.tensors) {
        if (name == kHistory)
            checkpoint.history = history_of(tensor, path);
        else if (!place(name, tensor, checkpoint))
            throw BadInput("resume", path.string(), "unexpected tensor " + name);
    }
    return checkpoint;
}

}  // namespace

bool Checkpoint::is_over() const {
    std::int64_t epochs = 0;
    for (const Phase& phase : options.phases) epochs += phase.epochs;
    return !ended.empty() || position.epoch >= epochs;
}

void write_checkpoint(const std::filesystem::path& path, const Checkpoint& checkpoint) {
    TensorMap tensors;
    append(tensors, kWeights, checkpoint.weights);
    append(tensors, kOptimizer, checkpoint.optimizer);
    append(tensors, kAverage, checkpoint.average);
    std::string history = options_to_json(checkpoint.history).dump();
    const auto bytes = static_cast<std::int64_t>(history.size());
    tensors[kHistory] = at::from_blob(history.data(), {bytes}, at::kByte);
    write_weights(path, tensors, {{kKey, header_of(checkpoint).dump()}});
}

Checkpoint read_checkpoint(const std::filesystem::path& path) {
    return read_or_name_previous(path, [&] { return read_whole(path); });
}

Checkpoint read_checkpoint_header(const std::filesystem::path& path) {
    return read_or_name_previous(path, [&] { return checkpoint_of(read_metadata(path), path); });
}

}  // namespace georgia
