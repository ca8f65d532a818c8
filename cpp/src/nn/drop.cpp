#include "nn/drop.h"

#include <ATen/ATen.h>
#include <ATen/Context.h>

#include "georgia/base/random.h"

namespace georgia {
namespace {

at::Tensor mask_of(
    at::IntArrayRef shape, const at::Tensor& like, double rate, const DropKey& key, NodeId node) {
    RandomStream random({key.seed, key.epoch, key.step, Purpose::kDropout});
    const std::uint64_t high = random.next();
    const std::uint64_t low = random.next();
    // A generator of its own: the process-wide one is shared with the user's code.
    at::Generator generator = at::globalContext().defaultGenerator(like.device()).clone();
    generator.set_current_seed(((high << 32) | low) + 0x9E3779B97F4A7C15 * node);
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
