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
    py::array_t<Value> array(std::vector<py::ssize_t>(sizes.begin(), sizes.end()), data, owner);
    array.attr("flags").attr("writeable") = false;
    return array;
}

template <class Value>
at::Tensor shared_tensor(const py::handle& array, at::ScalarType type) {
    constexpr int kFlags = py::array::c_style | py::array::forcecast;
    const auto packed = py::array_t<Value, kFlags>::ensure(array);
    if (!packed) throw py::error_already_set();
    const std::vector<std::int64_t> shape(packed.shape(), packed.shape() + packed.ndim());
    auto* data = const_cast<Value*>(packed.data());
    const at::Tensor tensor = at::from_blob(data, shape, type);
    return packed.ptr() == array.ptr() ? tensor : tensor.clone();
}

}  // namespace

py::dict arrays_of(const TensorMap& tensors) {
    py::dict arrays;
    for (const auto& [name, tensor] : tensors) {
        const at::Tensor packed = tensor.detach().contiguous();
        const bool counts = at::isIntegralType(packed.scalar_type(), /*includeBool=*/true);
        arrays[py::str(name)] = counts ? shared_array<std::int64_t>(packed.to(at::kLong))
                                       : shared_array<float>(packed.to(at::kFloat));
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
