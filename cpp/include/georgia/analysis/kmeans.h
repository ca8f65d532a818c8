#pragma once

#include <ATen/core/Tensor.h>
#include <cstdint>
#include <optional>
#include <vector>

#include "georgia/base/progress.h"

namespace georgia {

struct KMeansRequest {
    std::int64_t clusters = 4;
    std::int64_t starts = 10;  ///< the best of so many is taken
    std::int64_t most_rounds = 300;
    std::uint64_t seed = 42;
    std::optional<at::Tensor> centres = {};  // (K, D) float32, to start from; then one start
};

/// Points in K clusters, each in that of the nearest centre, as far as float32 tells distances.
/// Once settled, the centres are the means of their points.
struct KMeans {
    at::Tensor centres;          // (K, D) float32
    at::Tensor labels;           // (N) int64
    double inertia = 0;          // sum of squared distances to the own centre
    std::vector<double> course;  // inertia after each round of the start that was taken, falling
    bool is_settled = false;     // no label changed in the last round
};

/// Lloyd's algorithm until no label changes (S. Lloyd, 1982). Starts by k-means++ with several
/// candidates for each centre (D. Arthur, S. Vassilvitskii, SODA 2007); a cluster that loses all
/// its points takes the one that is farthest from its centre. Points whose bounds say that their
/// centre is still the nearest are not measured again (G. Hamerly, SDM 2010). Points are (N, D)
/// float32 and finite, K at most N; equal requests give equal results.
KMeans kmeans(const at::Tensor& points, const KMeansRequest& request, Progress& progress);

}  // namespace georgia
