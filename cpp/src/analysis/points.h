#pragma once

#include <ATen/core/Tensor.h>
#include <cstdint>

namespace georgia {

/// Points (N, D) float32 and their squared lengths (N), from which products tell distances.
struct Points {
    at::Tensor rows;
    at::Tensor squared_lengths;

    explicit Points(at::Tensor points);

    std::int64_t count() const;
    Points slice(std::int64_t first, std::int64_t end) const;        ///< shares their memory
    Points of(const at::Tensor& numbers, at::Tensor& memory) const;  ///< copies to memory
};

/// Copies the rows of these numbers to memory that is used again: to get new memory for each block
/// takes longer than most work on it.
const at::Tensor& copied_rows(
    const at::Tensor& rows, const at::Tensor& numbers, at::Tensor& memory);

/// Squared distances (n, m) by products; none below 0.
at::Tensor squared_distances(const Points& some, const Points& others);

/// Means (D) float32 of points (N, D) float32, summed in float64.
at::Tensor mean_of(const at::Tensor& points);

/// What to take off points, and all that is compared with them, so that products in float32 keep
/// small distances: their mean, where its square is more than `far` times their variance; else
/// undefined, for a copy takes longer than many a search.
at::Tensor offset_of(const Points& points, double far);

/// How many rows of this width are worked on at once, so that they stay in cache.
std::int64_t rows_at_once(std::int64_t width);

}  // namespace georgia
