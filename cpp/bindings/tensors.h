#pragma once

#include <pybind11/numpy.h>
#include <pybind11/pybind11.h>

#include "georgia/nn/parameters.h"

namespace georgia {

/// Tensors as NumPy arrays, float32 or int64, that share their memory.
pybind11::dict arrays_of(const TensorMap& tensors);

/// The reverse; other types are converted. Arrays that need no conversion are shared, so they must
/// outlive the tensors.
TensorMap tensors_of(const pybind11::dict& arrays);

}  // namespace georgia
