#include "analysis/spectrum.h"

#include <ATen/ATen.h>
#include <algorithm>
#include <tuple>

namespace georgia {
namespace {

constexpr std::int64_t kRows = 2048;    // multiplied in float32 at once
constexpr std::int64_t kColumns = 256;  // of one block of a symmetric product

/// The lower triangle of vectors' * vectors (D, D) float64, which is symmetric. What stands above
/// the diagonal means nothing.
at::Tensor lower_product(const at::Tensor& vectors) {
    const std::int64_t dimensions = vectors.size(1);
    at::Tensor product = at::zeros({dimensions, dimensions}, vectors.options().dtype(at::kDouble));
    for (const at::Tensor& rows : vectors.split(kRows)) {
        for (std::int64_t i = 0; i < dimensions; i += kColumns) {
            const std::int64_t end = std::min(i + kColumns, dimensions);
            const at::Tensor lower = at::matmul(rows.slice(1, i, end).t(), rows.slice(1, 0, end));
            product.slice(0, i, end).slice(1, 0, end).add_(lower);
        }
    }
    return product;
}

}  // namespace

Spectrum::Spectrum(const at::Tensor& vectors)
    : vectors_(vectors), is_wide_(vectors.size(0) < vectors.size(1)) {
    const at::Tensor product = lower_product(is_wide_ ? vectors.t().contiguous() : vectors);
    const auto [rising, columns] = at::linalg_eigh(product, "L");  // in float32 it may not end
    values_ = rising.flip({0}).clamp_min(0);
    columns_ = columns.flip({1});
    total_ = product.diagonal().sum().item<double>();
}

at::Tensor Spectrum::directions(std::int64_t count) const {
    const at::Tensor columns = columns_.slice(1, 0, count);
    if (!is_wide_) return columns;
    const at::Tensor directions = at::matmul(vectors_.to(at::kDouble).t(), columns);
    // Columns are orthogonal already but those whose value is nothing, which become any that are.
    return std::get<0>(at::linalg_qr(
        directions /
        at::linalg_vector_norm(directions, 2, at::IntArrayRef{0}, true).clamp_min(1e-30)));
}

}  // namespace georgia
