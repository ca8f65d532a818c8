#pragma once

#include <ATen/ATen.h>
#include <cmath>
#include <cstdlib>
#include <string>
#include <vector>

#include "georgia/base/sha256.h"
#include "georgia/nn/parameters.h"

/// Deterministic tensors made from names, so that two programs can compare networks without
/// sharing weights: value k of a tensor is splitmix64 of a seed taken from its name's SHA-256.
inline at::Tensor uniform_by_name(const std::string& name, const std::vector<std::int64_t>& shape) {
    const std::string digest =
        georgia::sha256_hex({reinterpret_cast<const std::uint8_t*>(name.data()), name.size()});
    std::uint64_t state = 0;
    for (std::size_t byte = 8; byte > 0; --byte)  // the first eight bytes, little-endian
        state = (state << 8) | std::strtoull(digest.substr(2 * (byte - 1), 2).c_str(), nullptr, 16);
    at::Tensor tensor = at::empty(shape, at::kDouble);
    auto* values = tensor.data_ptr<double>();
    for (std::int64_t i = 0; i < tensor.numel(); ++i) {
        state += 0x9E3779B97F4A7C15;
        std::uint64_t z = state;
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
        z ^= z >> 31;
        values[i] = static_cast<double>(z >> 11) * 0x1p-52 - 1;
    }
    return tensor;
}

inline georgia::TensorMap fill_by_name(const georgia::Graph& graph) {
    using georgia::TensorKind;
    georgia::TensorMap weights;
    for (const georgia::TensorSpec& spec : georgia::tensor_specs(graph)) {
        at::Tensor u = uniform_by_name(spec.name, spec.shape);
        switch (spec.kind) {
            case TensorKind::kWeight:
                u *= std::sqrt(6.0 / static_cast<double>(spec.fan_in));
                break;
            case TensorKind::kNormScale:
            case TensorKind::kLayerScale:
                u = 1 + 0.1 * u;
                break;
            case TensorKind::kRunningVariance:
                u = 1 + 0.25 * u.abs();
                break;
            case TensorKind::kBatchCount:
                u.zero_();
                break;
            default:
                u *= 0.1;
        }
        weights[spec.name] = u.to(spec.kind == TensorKind::kBatchCount ? at::kLong : at::kFloat);
    }
    return weights;
}
