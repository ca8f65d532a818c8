#include <pybind11/stl.h>
#include <pybind11/stl/filesystem.h>

#include "georgia/engine/model_file.h"
#include "georgia/engine/predictor.h"
#include "georgia/nn/precision.h"

#include "convert.h"
#include "module.h"
#include "options.h"

namespace py = pybind11;

namespace georgia {
namespace {

/// A predictor that keeps its model's facts for Python.
struct BoundPredictor {
    Compute compute;
    Predictor predictor;
};

py::tuple predict(
    BoundPredictor& self,
    const py::sequence& inputs,
    std::int64_t batch,
    int threads,
    const DecodeLimits& limits,
    const py::object& on_progress) {
    std::vector<Sample> samples = samples_of(inputs, {});
    const auto count = static_cast<py::ssize_t>(samples.size());
    PredictOptions options;
    options.batch = batch;
    options.threads = threads;
    options.limits = limits;
    PythonObserver observer(on_progress, py::none());
    Predictions predictions;
    observer.run(
        [&] { predictions = self.predictor.predict(std::move(samples), options, observer); });
    const auto classes =
        count == 0 ? 0 : static_cast<py::ssize_t>(predictions.probabilities.size()) / count;
    py::typing::List<py::str> errors;
    for (const std::string& error : predictions.errors) errors.append(text_of(error));
    return py::make_tuple(array_of(std::move(predictions.probabilities), {count, classes}), errors);
}

}  // namespace

void bind_engine(py::module_& m) {
    py::class_<ModelFile>(m, "ModelFile", "A classifier as one file holds it.")
        .def_static("read", &read_model, py::arg("path"), py::call_guard<py::gil_scoped_release>())
        .def(
            "write",
            [](const ModelFile& self, const std::filesystem::path& path) {
                return write_model(path, self);
            },
            py::arg("path"),
            py::call_guard<py::gil_scoped_release>(),
            "Write the file whole or not at all; its SHA-256.")
        .def_property_readonly(
            "architecture", [](const ModelFile& self) { return self.network.architecture; })
        .def_readonly("classes", &ModelFile::classes)
        .def_readonly("preprocess", &ModelFile::preprocess)
        .def_readonly("provenance", &ModelFile::provenance);
    py::class_<BoundPredictor>(m, "Predictor", "A model at work on images.")
        .def(
            py::init([](const ModelFile& model,
                        const std::string& device,
                        const std::string& precision) {
                const Compute compute =
                    resolve_compute(device, enum_from<PrecisionRequest>("precision", precision));
                return std::make_unique<BoundPredictor>(compute, Predictor(model, compute));
            }),
            py::arg("model"),
            py::arg("device"),
            py::arg("precision"))
        .def_property_readonly(
            "device", [](const BoundPredictor& self) { return self.compute.device.str(); })
        .def_property_readonly(
            "precision",
            [](const BoundPredictor& self) { return std::string(name_of(self.compute.precision)); })
        .def(
            "predict",
            &predict,
            py::arg("inputs"),
            py::arg("batch"),
            py::arg("threads"),
            py::arg("limits"),
            py::arg("on_progress"),
            "Probabilities (N, K) float32, and one error text per input, empty where it was good.");
}

}  // namespace georgia
