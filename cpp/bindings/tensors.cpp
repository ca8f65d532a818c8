#include "tensors.h"

#include <ATen/ATen.h>
#include <memory>
#include <string>
#include <vector>

#include "georgia/base/error.h"

namespace py = pybind11;

namespace georgia {
namespace {

template <class Value>
py::array shared_array(const at::Tensor& tensor) {
    const auto sizes = tensor.sizes();
    auto kept = std::make_unique<at::Tensor>(tensor);
    const Value* data = kept->data_ptr<Value>();
    const py::capsule owner(
        kept.release(), [](void* object) { delete static_cast<at::Tensor*>(object); });
    return py::array_t<Value>(std::vector<py::ssize_t>(sizes.begin(), sizes.end()), data, owner);
}

template <class Value>
at::Tensor blob_of(
    const py::array_t<Value, py::array::c_style | py::array::forcecast>& array,
    at::ScalarType type) {
    const std::vector<std::int64_t> shape(array.shape(), array.shape() + array.ndim());
    return at::from_blob(const_cast<Value*>(array.data()), shape, type);
}

template <class Value>
at::Tensor shared_tensor(const py::handle& array, at::ScalarType type) {
    constexpr int kFlags = py::array::c_style | py::array::forcecast;
    const auto packed = py::array_t<Value, kFlags>::ensure(array);
    if (!packed) throw py::error_already_set();
    const at::Tensor tensor = blob_of(packed, type);
    return packed.ptr() == array.ptr() ? tensor : tensor.clone();
}

}  // namespace

py::array array_of(const at::Tensor& tensor) {
    const at::Tensor packed = tensor.detach().contiguous();
    const bool counts = at::isIntegralType(packed.scalar_type(), /*includeBool=*/true);
    return counts ? shared_array<std::int64_t>(packed.to(at::kLong))
                  : shared_array<float>(packed.to(at::kFloat));
}

at::Tensor tensor_of(const Rows& array) {
    return blob_of(array, at::kFloat);
}

at::Tensor tensor_of(const Integers& array) {
    return blob_of(array, at::kLong);
}

py::dict arrays_of(const TensorMap& tensors) {
    py::dict arrays;
    for (const auto& [name, tensor] : tensors) {
        const py::array array = array_of(tensor);
        array.attr("flags").attr("writeable") = false;
        arrays[py::str(name)] = array;
    }
    return arrays;
}

TensorMap tensors_of(const py::dict& arrays) {
    TensorMap tensors;
    for (const auto& [name, value] : arrays) {
        if (!py::isinstance<py::array>(value))
            throw InvalidOption(
                "weights", py::str(name).cast<std::string>(), "expected a NumPy array");
        const char kind = py::reinterpret_borrow<py::array>(value).dtype().kind();
        const bool counts = kind == 'i' || kind == 'u' || kind == 'b';
        tensors[name.cast<std::string>()] = counts ? shared_tensor<std::int64_t>(value, at::kLong)
                                                   : shared_tensor<float>(value, at::kFloat);
    }
    return tensors;
}

}  // namespace georgia
