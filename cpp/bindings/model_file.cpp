#include "georgia/engine/model_file.h"

#include <pybind11/stl.h>
#include <pybind11/stl/filesystem.h>

#include "georgia/nn/fit_weights.h"
#include "georgia/nn/layers.h"
#include "georgia/nn/trainable.h"
#include "georgia/nn/weights.h"
#include "georgia/nn/zoo.h"

#include "convert.h"
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
    self.reliability.reset();  // of other weights
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

py::dict thresholds_of(const Reliability& reliability) {
    py::dict dict;
    if (reliability.refusal)
        for (std::size_t i = 0; i < kOutlierScores; ++i)
            dict[py::str(EnumNames<OutlierScore>::kNames[i])] = reliability.refusal->thresholds[i];
    return dict;
}

using Sets = std::vector<std::pair<ConformalOptions, std::vector<double>>>;

void bind_reliability_class(py::module_& m) {
    py::class_<Reliability>(m, "Reliability", "How far a model's answers can be believed.")
        .def_property_readonly(
            "temperature", [](const Reliability& self) { return dict_of(self.temperature); })
        .def_property_readonly(
            "thresholds",
            &thresholds_of,
            "Of each outlier score; empty where a class had no image to learn from.")
        .def_property_readonly_static(
            "default_score",
            [](const py::object&) { return std::string(name_of(Refusal::kDefault)); },
            "The outlier score that predictions go by.")
        .def_property(
            "sets",
            [](const Reliability& self) {
                Sets sets;
                for (const Conformal& one : self.sets)
                    sets.emplace_back(one.options, one.thresholds);
                return sets;
            },
            [](Reliability& self, const Sets& sets) {
                self.sets.clear();
                for (const auto& [options, thresholds] : sets)
                    self.sets.push_back({options, thresholds});
            },
            "Options and thresholds of prediction sets.")
        .def_readwrite("facts", &Reliability::facts, "JSON: which images it comes from.")
        .def_readwrite("trained", &Reliability::trained, "SHA-256 of the file before it.");
}

}  // namespace

void bind_model_file(py::module_& m) {
    bind_reliability_class(m);
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
            [](const ModelFile& self, const std::filesystem::path& path, bool reliability) {
                ModelFile model = self;
                if (!reliability) model.reliability.reset();
                return write_model(path, model);
            },
            py::arg("path"),
            py::kw_only(),
            py::arg("reliability") = true,
            py::call_guard<py::gil_scoped_release>(),
            "Write the file whole or not at all, with what is known of the model or without; its "
            "SHA-256.")
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
        .def_readwrite("provenance", &ModelFile::provenance)
        .def_property(
            "reliability",
            [](const ModelFile& self) { return self.reliability; },  // a copy, which stays
            [](ModelFile& self, std::optional<Reliability> known) {
                self.reliability = std::move(known);
            });
    m.def(
        "weights_hash",
        &weights_hash,
        py::arg("model"),
        py::call_guard<py::gil_scoped_release>(),
        "SHA-256 over network, preprocessing and weights.");
    m.def(
        "trained_hash",
        &trained_hash,
        py::arg("path"),
        py::call_guard<py::gil_scoped_release>(),
        "SHA-256 of a model file as training wrote it, where more was added since; else empty.");
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
