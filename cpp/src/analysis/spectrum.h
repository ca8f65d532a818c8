#pragma once

#include <ATen/core/Tensor.h>
#include <cstdint>

namespace georgia {

/// How much vectors lie along each of their principal directions: the eigenvalues and vectors of
/// vectors' * vectors, by that or vectors * vectors', whichever is smaller. All float64.
class Spectrum {
  public:
    /// Of vectors (N, D) float32 about 0.
    explicit Spectrum(const at::Tensor& vectors);

    /// (min(N, D)), falling, none below 0.
    const at::Tensor& values() const {
        return values_;
    }

    /// The sum of all values.
    double total() const {
        return total_;
    }

    /// (D, count), orthonormal columns in the order of the values.
    at::Tensor directions(std::int64_t count) const;

  private:
    at::Tensor vectors_;
    bool is_wide_;
    at::Tensor values_;
    at::Tensor columns_;  // eigenvectors of the product, in the order of the values
    double total_ = 0;
};

}  // namespace georgia
