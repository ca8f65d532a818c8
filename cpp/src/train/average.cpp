#include "train/average.h"

#include <ATen/ATen.h>
#include <algorithm>
#include <c10/core/GradMode.h>
#include <vector>

namespace georgia {

void update_average(TensorMap& average, const TensorMap& weights, double decay, std::int64_t step) {
    const c10::AutoGradMode no_gradients(false);
    if (average.empty())
        for (const auto& [name, tensor] : weights) average[name] = tensor.detach().clone();
    std::vector<at::Tensor> kept;
    std::vector<at::Tensor> latest;
    for (const auto& [name, tensor] : weights) {
        at::Tensor& mean = average.at(name);
        if (!tensor.is_floating_point()) {
            mean.copy_(tensor);
            continue;
        }
        kept.push_back(mean);
        latest.push_back(tensor.detach());
    }
    const auto steps = static_cast<double>(step);
    at::_foreach_lerp_(kept, latest, 1 - std::min(decay, (1 + steps) / (10 + steps)));
}

}  // namespace georgia
