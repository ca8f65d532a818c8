#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "georgia/image/preprocess.h"
#include "georgia/nn/graph.h"
#include "georgia/nn/parameters.h"

namespace georgia {

/// A classifier as one file holds it.
struct ModelFile {
    NetworkSpec network;
    std::vector<std::string> classes;  // (K)
    Preprocess preprocess;
    std::string provenance = "{}";  ///< JSON: how it was trained, on what
    TensorMap weights;
};

/// Reads a model; every tensor is checked against the network's graph.
ModelFile read_model(const std::filesystem::path& path);

/// Writes a model whole or not at all; returns the file's SHA-256.
std::string write_model(const std::filesystem::path& path, const ModelFile& model);

}  // namespace georgia
