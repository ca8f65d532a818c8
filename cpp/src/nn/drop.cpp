#include "nn/drop.h"

#include <ATen/ATen.h>

#include "nn/keyed_generator.h"

namespace georgia {
namespace {

at::Tensor mask_of(
    at::IntArrayRef shape, const at::Tensor& like, double rate, const DropKey& key, NodeId node) {
    const at::Generator generator =
        keyed_generator({key.seed, key.epoch, key.step, Purpose::kDropout}, like.device(), node);
    const double kept = 1 - rate;
    return at::empty(shape, like.options()).bernoulli_(kept, generator).div_(kept);
}

}  // namespace

at::Tensor dropped_values(const at::Tensor& x, double rate, const DropKey& key, NodeId node) {
    return x * mask_of(x.sizes(), x, rate, key, node);
}

at::Tensor dropped_images(const at::Tensor& x, double rate, const DropKey& key, NodeId node) {
    return x * mask_of({x.size(0), 1, 1, 1}, x, rate, key, node);
}

}  // namespace georgia
