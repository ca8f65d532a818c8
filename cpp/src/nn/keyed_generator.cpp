#include "nn/keyed_generator.h"

#include <ATen/Context.h>

namespace georgia {

at::Generator keyed_generator(const RandomKey& key, at::Device device, std::uint64_t salt) {
    RandomStream random(key);
    const std::uint64_t high = random.next();
    const std::uint64_t low = random.next();
    at::Generator generator = at::globalContext().defaultGenerator(device).clone();
    generator.set_current_seed(((high << 32) | low) + 0x9E3779B97F4A7C15 * salt);
    return generator;
}

}  // namespace georgia
