#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "georgia/image/preprocess.h"

#include "image/processor_builds.h"

namespace georgia {

/// Bytes as normalise() has them, in RGB order.
template <class Value>
using Normalise = void(std::span<const std::uint8_t> bytes, const Preprocess&, Value* values);

/// The builds for float, and for the bits of bfloat16 as std::uint16_t.
template <class Value>
std::vector<Build<Normalise<Value>>> normalise_builds();

}  // namespace georgia
