#pragma once

#include <ATen/core/Generator.h>

#include "georgia/base/random.h"

namespace georgia {

/// A generator of torch's for that device, which gives the same for equal keys and salts. It is of
/// its own: the process-wide one is shared with the user's code.
at::Generator keyed_generator(const RandomKey& key, at::Device device, std::uint64_t salt = 0);

}  // namespace georgia
