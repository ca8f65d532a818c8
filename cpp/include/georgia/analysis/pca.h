#pragma once

#include <ATen/core/Tensor.h>
#include <array>
#include <cstdint>
#include <string_view>

#include "georgia/base/options.h"

namespace georgia {

/// How principal components are found.
enum class PcaMethod {
    kExact,      ///< all eigenvalues of the covariance
    kRandomised  ///< N. Halko, P. Martinsson, J. Tropp, "Finding structure with randomness", 2011
};

template <>
struct EnumNames<PcaMethod> {
    static constexpr std::array<std::string_view, 2> kNames{"exact", "randomised"};
};

struct PcaRequest {
    std::int64_t components = 2;
    PcaMethod method = PcaMethod::kExact;
    std::uint64_t seed = 42;  ///< of the randomised method
};

/// Directions in which points differ most.
struct Pca {
    at::Tensor mean;            // (D) float32
    at::Tensor components;      // (r, D) float32, orthonormal rows; the largest entry is positive
    at::Tensor variances;       // (r) float64, falling, with N - 1
    double total_variance = 0;  // of all D directions

    /// Coordinates (n, r) float32 of rows (n, D) float32.
    at::Tensor project(const at::Tensor& rows) const;
};

/// Of points (N, D) float32, N at least 2; at most min(N, D) components.
Pca fit_pca(const at::Tensor& points, const PcaRequest& request);

}  // namespace georgia
