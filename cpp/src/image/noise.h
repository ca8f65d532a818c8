#pragma once

#include <cstdint>
#include <span>

#include "georgia/base/random.h"

namespace georgia {

/// Note [Normal noise]: a number of the normal distribution is the sum of two entries of a table,
/// chosen by two random bytes: the means of 256 equally likely slices of the distribution. Its
/// variance is exact, its kurtosis 2.98, and it ends at 4.2 standard deviations. The table is made
/// by the compiler of + - * / alone and the rest is whole numbers, so that equal keys give equal
/// pixels on every machine; logarithm and cosine would not.

/// Adds normal noise of that standard deviation, in levels, to each value; the result saturates.
void add_noise(std::span<std::uint8_t> values, double deviation, const RandomKey& key);

}  // namespace georgia
