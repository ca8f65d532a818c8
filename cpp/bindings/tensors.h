#pragma once

#include <pybind11/numpy.h>
#include <pybind11/pybind11.h>

#include "georgia/nn/parameters.h"

#include "convert.h"

namespace georgia {

/// A tensor as a NumPy array, float32 or int64, that shares its memory.
pybind11::array array_of(const at::Tensor& tensor);

/// An array's values as a tensor of its shape, which must not outlive it.
at::Tensor tensor_of(const Rows& array);
at::Tensor tensor_of(const Integers& array);

/// Tensors as NumPy arrays that nobody writes to, float32 or int64, that share their memory.
pybind11::dict arrays_of(const TensorMap& tensors);

/// The reverse; other types are converted. Arrays that need no conversion are shared, so they must
/// outlive the tensors.
TensorMap tensors_of(const pybind11::dict& arrays);

}  // namespace georgia
