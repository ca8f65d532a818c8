#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "georgia/engine/reliability.h"
#include "georgia/image/preprocess.h"
#include "georgia/nn/network_spec.h"
#include "georgia/nn/parameters.h"
#include "georgia/nn/weights.h"

namespace georgia {

/// A classifier as one file holds it.
struct ModelFile {
    NetworkSpec network;
    std::vector<std::string> classes;  // (K)
    Preprocess preprocess;
    std::string provenance = "{}";  ///< JSON: how it was trained, on what
    TensorMap weights;
    std::optional<Reliability> reliability = {};  ///< where it was found out
};

/// A model with fresh weights, or with zeros where there is no seed. The preprocessing has the
/// network's channels and size.
ModelFile create_model(
    NetworkSpec network,
    std::vector<std::string> classes,
    const Preprocess& preprocess,
    std::optional<std::uint64_t> seed);

/// Reads a model; every tensor is checked against the network's graph.
ModelFile read_model(const std::filesystem::path& path);

/// The same of a file already read; the subject names it in errors.
ModelFile model_of(WeightsFile file, std::string_view subject);

/// Writes a model whole or not at all; returns the file's SHA-256.
std::string write_model(const std::filesystem::path& path, const ModelFile& model);

/// SHA-256 that a model's file had when training wrote it, where more was added since; else empty,
/// of damaged files and those that hold no model too.
std::string trained_hash(const std::filesystem::path& path);

/// SHA-256 over network, preprocessing and weights: what features follow from. Names of classes, a
/// calibration and the provenance do not change it.
std::string weights_hash(const ModelFile& model);

/// True where a safetensors file holds a model of ours rather than tensors alone.
bool is_model(const WeightsFile& file);

}  // namespace georgia
