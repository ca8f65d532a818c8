#pragma once

#include <filesystem>
#include <map>
#include <string>

#include "georgia/nn/parameters.h"

namespace georgia {

/// Contents of a safetensors file.
struct WeightsFile {
    std::map<std::string, std::string> metadata;
    TensorMap tensors;
};

/// Reads a safetensors file, a strict subset of the format: see Note [Strict safetensors] in the
/// source. Anything else, a pickle by another name too, is BadInput; nothing of a file is run.
WeightsFile read_weights(const std::filesystem::path& path);

/// Only the metadata of such a file; its tensors are not read.
std::map<std::string, std::string> read_metadata(const std::filesystem::path& path);

/// Writes the file whole or not at all and returns its SHA-256. Tensors are float32, bfloat16,
/// int64 or uint8.
std::string write_weights(
    const std::filesystem::path& path,
    const TensorMap& tensors,
    const std::map<std::string, std::string>& metadata);

}  // namespace georgia
