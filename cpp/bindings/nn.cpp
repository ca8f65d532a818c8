#include <pybind11/stl.h>

#include "georgia/nn/layers.h"
#include "georgia/nn/network_spec.h"
#include "georgia/nn/parameters.h"
#include "georgia/nn/precision.h"
#include "georgia/nn/trainable.h"
#include "georgia/nn/zoo.h"

#include "module.h"
#include "options.h"

namespace py = pybind11;

namespace georgia {
namespace {

py::tuple pair_of(const Extent& extent) {
    return py::make_tuple(extent.height, extent.width);
}

/// A read-only property taken from the layer's attributes.
template <class Get>
auto attribute(Get get) {
    return [get](const Layer& layer) { return get(layer.node.attributes); };
}

void bind_layer(py::module_& m) {
    using A = Attributes;
    py::class_<TrainingCost>(m, "TrainingCost", "What training a part of a network takes.")
        .def_readonly("stages", &TrainingCost::stages)
        .def_readonly("trained", &TrainingCost::trained)
        .def_readonly("frozen", &TrainingCost::frozen)
        .def_readonly("multiply_adds", &TrainingCost::multiply_adds);
    py::class_<Layer>(m, "Layer", "One node of a network at a given size of input.")
        .def_property_readonly("name", [](const Layer& layer) { return layer.node.name; })
        .def_property_readonly(
            "operation",
            [](const Layer& layer) { return std::string(name_of(layer.node.operation)); })
        .def_property_readonly("stage", [](const Layer& layer) { return layer.node.stage; })
        .def_property_readonly(
            "is_auxiliary", [](const Layer& layer) { return layer.node.is_auxiliary; })
        .def_readonly("inputs", &Layer::inputs)
        .def_property_readonly(
            "shape",
            [](const Layer& layer) {
                return py::typing::Tuple<py::int_, py::ellipsis>(py::cast(layer.shape));
            },
            "Of the output, without N: (C, H, W) or (D).")
        .def_readonly("tensors", &Layer::tensors)
        .def_readonly("parameters", &Layer::parameters, "Values that can be trained.")
        .def_readonly("multiply_adds", &Layer::multiply_adds, "For one image.")
        .def_property_readonly("kernel", attribute([](const A& a) { return pair_of(a.kernel); }))
        .def_property_readonly("stride", attribute([](const A& a) { return a.stride; }))
        .def_property_readonly("padding", attribute([](const A& a) { return pair_of(a.padding); }))
        .def_property_readonly("groups", attribute([](const A& a) { return a.groups; }))
        .def_property_readonly("epsilon", attribute([](const A& a) { return a.epsilon; }))
        .def_property_readonly("ceil_mode", attribute([](const A& a) { return a.ceil_mode; }))
        .def_property_readonly("rate", attribute([](const A& a) { return a.rate; }));
}

}  // namespace

void bind_nn(py::module_& m) {
    py::register_exception_translator([](std::exception_ptr pointer) {
        try {
            if (pointer) std::rethrow_exception(pointer);
        } catch (const c10::OutOfMemoryError&) {
            constexpr const char* kText =
                "[torch] the GPU's memory is too small for this; a smaller batch or size needs "
                "less";
            PyErr_SetString(PyExc_MemoryError, kText);
        }
    });
    bind_options<HeadOptions>(
        m, "HeadOptions", "The classifier on top of a trunk; places count from 0, the pooling.");
    bind_layer(m);
    m.def("network_names", &network_names, "Names of the networks there are.");
    m.def("network_variants", &network_variants, py::arg("network"), "Variants of a network.");
    m.def("native_size", &native_size, py::arg("network"), "Pixels a side it was designed for.");
    m.def("head_preset", &head_preset, py::arg("name"), "The head of that name.");
    m.def(
        "network_layers",
        [](const std::string& network, const std::string& variant, std::int64_t size) {
            NetworkSpec spec;
            spec.architecture = network;
            spec.variant = variant;
            spec.classes = 1000;
            spec.height = spec.width = size;
            return layers_of(build_network(spec), size);
        },
        py::arg("network"),
        py::arg("variant"),
        py::arg("size"),
        "The layers of a network with 3 channels and 1,000 classes.");
    m.def(
        "resolve_compute",
        [](const std::string& device, const std::string& precision) {
            const Compute compute =
                resolve_compute(device, enum_from<PrecisionRequest>("precision", precision));
            return std::pair(compute.device.str(), std::string(name_of(compute.precision)));
        },
        py::arg("device"),
        py::arg("precision"),
        "The device and precision that a request comes to on this machine.");
    m.def(
        "reason_for_precision",
        [](const std::string& device) {
            return reason_for(resolve_compute(device, PrecisionRequest::kAuto));
        },
        py::arg("device"),
        "Why precision 'auto' comes to what it does there, in words.");
}

}  // namespace georgia
