#include "analysis/points.h"

#include <ATen/ATen.h>
#include <algorithm>
#include <utility>

namespace georgia {

Points::Points(at::Tensor points)
    : rows(std::move(points)), squared_lengths(at::linalg_vector_norm(rows, 2, 1).square()) {}

std::int64_t Points::count() const {
    return rows.size(0);
}

Points Points::slice(std::int64_t first, std::int64_t end) const {
    Points some = *this;
    some.rows = rows.slice(0, first, end);
    some.squared_lengths = squared_lengths.slice(0, first, end);
    return some;
}

Points Points::of(const at::Tensor& numbers, at::Tensor& memory) const {
    Points some = *this;
    some.rows = copied_rows(rows, numbers, memory);
    some.squared_lengths = squared_lengths.index_select(0, numbers);
    return some;
}

const at::Tensor& copied_rows(
    const at::Tensor& rows, const at::Tensor& numbers, at::Tensor& memory) {
    memory.resize_({0});
    return at::index_select_out(memory, rows, 0, numbers);
}

at::Tensor squared_distances(const Points& some, const Points& others) {
    const at::Tensor squares = some.squared_lengths.unsqueeze(1) + others.squared_lengths;
    return at::addmm(squares, some.rows, others.rows.t(), /*beta=*/1, /*alpha=*/-2).clamp_min_(0);
}

at::Tensor mean_of(const at::Tensor& points) {
    constexpr std::int64_t kRows = 2048;  // summed in float32
    at::Tensor sum = at::zeros({points.size(1)}, points.options().dtype(at::kDouble));
    for (const at::Tensor& rows : points.split(kRows)) sum.add_(rows.sum(0));
    return (sum / static_cast<double>(points.size(0))).to(at::kFloat);
}

at::Tensor offset_of(const Points& points, double far) {
    const at::Tensor mean = mean_of(points.rows);
    const double squared_mean = mean.square().sum(at::kDouble).item<double>();
    const double variance = points.squared_lengths.mean(at::kDouble).item<double>() - squared_mean;
    return squared_mean > far * variance ? mean : at::Tensor();
}

std::int64_t rows_at_once(std::int64_t width) {
    constexpr std::int64_t kValues = 1 << 18;
    return std::max<std::int64_t>(kValues / width, 1);
}

}  // namespace georgia
