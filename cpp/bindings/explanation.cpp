#include "georgia/engine/explanation.h"

#include <pybind11/stl.h>

#include "georgia/image/overlay.h"
#include "georgia/nn/precision.h"

#include "convert.h"
#include "module.h"

namespace py = pybind11;

namespace georgia {
namespace {

py::dict dict_of(Explanation found) {
    const auto count = static_cast<py::ssize_t>(found.classes.size());
    const auto points = static_cast<py::ssize_t>(Explanation::kParts) + 1;
    py::typing::List<py::str> errors;
    for (const std::string& error : found.errors) errors.append(text_of(error));
    py::dict dict;
    dict["maps"] = array_of(std::move(found.maps), {count, found.height, found.width});
    dict["classes"] = array_of(std::move(found.classes));
    dict["errors"] = errors;
    if (found.likeness.empty()) return dict;
    dict["deletion"] = array_of(std::move(found.deletion), {count, points});
    dict["insertion"] = array_of(std::move(found.insertion), {count, points});
    dict["likeness"] = array_of(std::move(found.likeness));
    return dict;
}

std::span<const float> values_of(const Rows& map) {
    if (map.ndim() != 2) throw InvalidOption("overlay", "map", "expected (H, W)");
    return span_of(map);
}

}  // namespace

void bind_explanation(py::module_& m) {
    m.def(
        "explain",
        [](const ModelFile& model,
           const py::sequence& inputs,
           const std::vector<std::int64_t>& classes,
           const std::string& stage,
           const std::string& method,
           bool has_checks,
           const std::string& device,
           std::int64_t batch,
           int threads,
           const DecodeLimits& limits,
           const py::object& on_progress) {
            const ExplainRequest request{
                enum_from<AttributionMethod>("method", method), stage, classes, has_checks};
            const PredictOptions options{batch, threads, limits};
            const Compute compute = resolve_compute(device, PrecisionRequest::kFloat32);
            std::vector<Sample> samples = samples_of(inputs, {});
            PythonObserver observer(on_progress);
            Explanation found;
            observer.run([&] {
                found = explain(model, std::move(samples), request, options, compute, observer);
            });
            return dict_of(std::move(found));
        },
        py::arg("model"),
        py::arg("inputs"),
        py::arg("classes"),
        py::arg("stage"),
        py::arg("method"),
        py::arg("has_checks"),
        py::arg("device"),
        py::arg("batch"),
        py::arg("threads"),
        py::arg("limits"),
        py::arg("on_progress"),
        "Maps (N, H, W), explained classes (N) and errors; with checks deletion and insertion "
        "(N, 21) and likeness (N).");
    m.def(
        "feature_maps",
        [](const ModelFile& model,
           const py::object& input,
           const std::string& stage,
           const DecodeLimits& limits) {
            PredictOptions options;
            options.limits = limits;
            Sample sample{source_of(input)};
            Planes planes;
            {
                const py::gil_scoped_release release;
                planes = feature_maps(model, std::move(sample), stage, options);
            }
            return array_of(
                std::move(planes.values), {planes.shape[0], planes.shape[1], planes.shape[2]});
        },
        py::arg("model"),
        py::arg("input"),
        py::arg("stage"),
        py::arg("limits"),
        "Planes (C, H, W) float32 that a stage or layer gives for an image.");
    m.def(
        "overlay",
        [](const py::array& pixels, const Rows& map) {
            return array_of(overlay(image_of(pixels), values_of(map)));
        },
        py::arg("pixels"),
        py::arg("map"),
        "An image under the highest values of a map (H, W), in bands of 70, 80 and 90 %.");
    m.def(
        "gray_of",
        [](const Rows& map) {
            const auto values = values_of(map);
            return array_of(
                gray_of(values, static_cast<int>(map.shape(0)), static_cast<int>(map.shape(1))));
        },
        py::arg("map"),
        "A map (H, W) as gray levels, (H, W) uint8, lowest to highest.");
}

}  // namespace georgia
