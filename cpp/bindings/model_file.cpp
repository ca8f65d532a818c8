#include "georgia/engine/model_file.h"

#include <pybind11/stl.h>
#include <pybind11/stl/filesystem.h>

#include "georgia/nn/fit_weights.h"
#include "georgia/nn/layers.h"
#include "georgia/nn/trainable.h"
#include "georgia/nn/weights.h"
#include "georgia/nn/zoo.h"

#include "module.h"
#include "options.h"
#include "tensors.h"

namespace py = pybind11;

namespace georgia {
namespace {

ModelFile create(
    const std::string& network,
    const std::string& variant,
    const HeadOptions& head,
    const std::vector<std::string>& classes,
    const Preprocess& preprocess,
    std::optional<std::uint64_t> seed) {
    NetworkSpec spec;
    spec.architecture = network;
    spec.variant = variant;
    spec.head = head;
    const py::gil_scoped_release release;
    return create_model(std::move(spec), classes, preprocess, seed);
}

std::vector<std::string> take(
    ModelFile& self,
    const py::dict& arrays,
    bool strict,
    const std::string& subject,
    std::uint64_t seed) {
    TensorMap tensors = tensors_of(arrays);
    const py::gil_scoped_release release;
    FittedWeights fitted = fit_weights(self.network, std::move(tensors), {seed, strict}, subject);
    self.weights = std::move(fitted.weights);
    return fitted.notes;
}

py::object recognise_arrays(const py::dict& arrays) {
    const auto network = recognise(tensors_of(arrays));
    if (!network) return py::none();
    return py::make_tuple(
        network->architecture, network->variant, network->channels, network->classes);
}

py::tuple read_tensors(const std::filesystem::path& path) {
    WeightsFile file;
    {
        const py::gil_scoped_release release;
        file = read_weights(path);
    }
    return py::make_tuple(arrays_of(file.tensors), file.metadata);
}

}  // namespace

void bind_model_file(py::module_& m) {
    py::class_<ModelFile>(m, "ModelFile", "A classifier as one file holds it.")
        .def_static(
            "create",
            &create,
            py::kw_only(),
            py::arg("network"),
            py::arg("variant"),
            py::arg("head"),
            py::arg("classes"),
            py::arg("preprocess"),
            py::arg("seed"),
            "A model with fresh weights; seed None: with zeros, for weights to be taken.")
        .def_static("read", &read_model, py::arg("path"), py::call_guard<py::gil_scoped_release>())
        .def(
            "write",
            [](const ModelFile& self, const std::filesystem::path& path) {
                return write_model(path, self);
            },
            py::arg("path"),
            py::call_guard<py::gil_scoped_release>(),
            "Write the file whole or not at all; its SHA-256.")
        .def(
            "write_network",
            [](const ModelFile& self, const std::filesystem::path& path) {
                return write_weights(path, self.weights, {{"format", "pt"}});
            },
            py::arg("path"),
            py::call_guard<py::gil_scoped_release>(),
            "Write the network's tensors alone as safetensors; the file's SHA-256.")
        .def(
            "take",
            &take,
            py::arg("tensors"),
            py::arg("strict"),
            py::arg("subject"),
            py::arg("seed"),
            "Take weights from a file's tensors; notes on what was adapted or left out.")
        .def(
            "layers",
            [](const ModelFile& self) {
                return layers_of(
                    build_network(self.network), {self.preprocess.height, self.preprocess.width});
            },
            "Every layer, the input first.")
        .def(
            "training_cost",
            [](const ModelFile& self, const std::vector<std::string>& trainable) {
                const Graph graph = build_network(self.network);
                const Extent size{self.preprocess.height, self.preprocess.width};
                return training_cost(graph, size, stages_named(graph, trainable));
            },
            py::arg("trainable"),
            "What training those stages takes: names, all, or last:F.")
        .def(
            "tensors",
            [](const ModelFile& self) { return arrays_of(self.weights); },
            "The network's tensors by name; they share its memory.")
        .def_property_readonly(
            "architecture", [](const ModelFile& self) { return self.network.architecture; })
        .def_property_readonly(
            "variant", [](const ModelFile& self) { return self.network.variant; })
        .def_property_readonly("head", [](const ModelFile& self) { return self.network.head; })
        .def_readonly("classes", &ModelFile::classes)
        .def_readonly("preprocess", &ModelFile::preprocess)
        .def_readwrite("provenance", &ModelFile::provenance);
    m.def(
        "read_tensors",
        [](const std::filesystem::path& path) {
            return py::typing::
                Tuple<py::typing::Dict<py::str, py::array>, py::typing::Dict<py::str, py::str>>(
                    read_tensors(path));
        },
        py::arg("path"),
        "Tensors and metadata of a safetensors file.");
    m.def(
        "recognise",
        &recognise_arrays,
        py::arg("tensors"),
        "Network, variant, channels and classes (0: no classifier) that tensors belong to, or "
        "None.");
}

}  // namespace georgia
