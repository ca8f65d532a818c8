#include "analysis/points.h"

#include <ATen/ATen.h>

namespace georgia {

at::Tensor mean_of(const at::Tensor& points) {
    constexpr std::int64_t kRows = 2048;  // summed in float32
    at::Tensor sum = at::zeros({points.size(1)}, points.options().dtype(at::kDouble));
    for (const at::Tensor& rows : points.split(kRows)) sum.add_(rows.sum(0));
    return (sum / static_cast<double>(points.size(0))).to(at::kFloat);
}

at::Tensor squared_lengths_of(const at::Tensor& points) {
    return at::linalg_vector_norm(points, 2, 1).square();
}

at::Tensor squared_distances(
    const at::Tensor& queries, const at::Tensor& points, const at::Tensor& squared_lengths) {
    const at::Tensor own = squared_lengths_of(queries).unsqueeze(1);
    return at::addmm(own + squared_lengths, queries, points.t(), /*beta=*/1, /*alpha=*/-2)
        .clamp_min_(0);
}

}  // namespace georgia
