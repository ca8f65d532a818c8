#include "georgia/nn/weights.h"

#include <ATen/ATen.h>
#include <bit>
#include <cstring>
#include <fstream>
#include <nlohmann/json.hpp>

#include "georgia/base/error.h"
#include "georgia/base/files.h"
#include "georgia/base/sha256.h"

#include "nn/safetensors_header.h"

namespace georgia {
namespace {

static_assert(std::endian::native == std::endian::little, "safetensors are little-endian");

at::ScalarType type_of(std::string_view name) {
    if (name == "F64") return at::kDouble;
    if (name == "I64") return at::kLong;
    if (name == "F16") return at::kHalf;
    if (name == "BF16") return at::kBFloat16;
    return name == "U8" ? at::kByte : at::kFloat;
}

const char* name_of_type(at::ScalarType type) {
    if (type == at::kFloat) return "F32";
    if (type == at::kBFloat16) return "BF16";
    if (type == at::kLong) return "I64";
    if (type == at::kByte) return "U8";
    throw InternalError("write_weights", "", "a tensor of a type we never write");
}

/// Exactly size bytes, or the file is cut short.
void read_exactly(
    std::ifstream& stream, void* target, std::uint64_t size, const std::filesystem::path& path) {
    if (!stream.read(static_cast<char*>(target), static_cast<std::streamsize>(size)))
        throw BadInput("read_weights", path.string(), "the file is cut short");
}

/// The header; its text is gone again before the first tensor is made.
SafetensorsHeader read_header(std::ifstream& stream, const std::filesystem::path& path) {
    if (!stream) throw_io_error("read_weights", path.string(), errno);
    std::error_code failure;
    const std::uint64_t file_bytes = std::filesystem::file_size(path, failure);
    if (failure) throw IoError("read_weights", path.string(), failure.message());
    std::uint64_t header_bytes = 0;
    if (file_bytes < sizeof(header_bytes))
        throw BadInput("read_weights", path.string(), "not a safetensors file: too short");
    read_exactly(stream, &header_bytes, sizeof(header_bytes), path);
    if (header_bytes > kMaxHeaderBytes)
        throw BadInput(
            "read_weights",
            path.string(),
            "not a safetensors file: its header is too long",
            "at most " + std::to_string(kMaxHeaderBytes) + " bytes",
            std::to_string(header_bytes));
    const std::uint64_t rest = file_bytes - sizeof(header_bytes);
    if (header_bytes > rest)
        throw BadInput(
            "read_weights",
            path.string(),
            "not a safetensors file, or cut short: its header does not fit into it",
            std::to_string(header_bytes) + " bytes",
            std::to_string(rest));
    std::string text(header_bytes, '\0');
    read_exactly(stream, text.data(), header_bytes, path);
    return parse_safetensors_header(text, rest - header_bytes, path.string());
}

}  // namespace

WeightsFile read_weights(const std::filesystem::path& path) {
    std::ifstream stream(path, std::ios::binary);
    SafetensorsHeader header = read_header(stream, path);
    WeightsFile file{std::move(header.metadata), {}};
    for (const TensorEntry& entry : header.tensors) {
        at::Tensor tensor = at::empty(entry.shape, type_of(entry.type));
        read_exactly(stream, tensor.data_ptr(), entry.end - entry.begin, path);
        file.tensors.emplace(entry.name, std::move(tensor));
    }
    return file;
}

std::map<std::string, std::string> read_metadata(const std::filesystem::path& path) {
    std::ifstream stream(path, std::ios::binary);
    return read_header(stream, path).metadata;
}

std::string write_weights(
    const std::filesystem::path& path,
    const TensorMap& tensors,
    const std::map<std::string, std::string>& metadata) {
    nlohmann::json header = nlohmann::json::object();
    if (!metadata.empty()) header["__metadata__"] = metadata;
    std::vector<at::Tensor> ordered;
    std::uint64_t at = 0;
    for (const auto& [name, tensor] : tensors) {
        ordered.push_back(tensor.detach().to(at::kCPU).contiguous());
        const std::uint64_t end = at + ordered.back().nbytes();
        header[name] = {
            {"dtype", name_of_type(tensor.scalar_type())},
            {"shape", tensor.sizes().vec()},
            {"data_offsets", {at, end}}};
        at = end;
    }
    std::string text = header.dump();
    text.append((8 - text.size() % 8) % 8, ' ');  // data starts aligned

    AtomicFile file(path);
    Sha256 hash;
    const auto put = [&](const void* data, std::size_t size) {
        const std::span bytes(static_cast<const std::uint8_t*>(data), size);
        hash.update(bytes);
        file.write(bytes);
    };
    const std::uint64_t length = text.size();
    put(&length, sizeof(length));
    put(text.data(), text.size());
    for (const at::Tensor& tensor : ordered) put(tensor.data_ptr(), tensor.nbytes());
    file.commit();
    return hash.hex_digest();
}

}  // namespace georgia
