#include <ATen/ATen.h>
#include <pybind11/stl.h>

#include "georgia/engine/fit_reliability.h"
#include "georgia/engine/model_file.h"
#include "georgia/engine/predictor.h"
#include "georgia/nn/precision.h"

#include "convert.h"
#include "module.h"
#include "options.h"

namespace py = pybind11;

namespace georgia {
namespace {

using Answer = py::typing::Tuple<py::array_t<float>, py::typing::List<py::str>>;

/// Runs a job on images without the GIL: rows (N, D) float32 and one error text per image.
template <class Job>
Answer run_on(const py::sequence& inputs, const py::object& on_progress, Job job) {
    std::vector<Sample> samples = samples_of(inputs, {});
    const auto count = static_cast<py::ssize_t>(samples.size());
    PythonObserver observer(on_progress);
    ImageRows rows;
    observer.run([&] { rows = job(std::move(samples), observer); });
    py::typing::List<py::str> errors;
    for (const std::string& error : rows.errors) errors.append(text_of(error));
    return py::make_tuple(
        array_of(std::move(rows.values), {count, static_cast<py::ssize_t>(rows.width)}), errors);
}

PredictOptions options_of(std::int64_t batch, int threads, const DecodeLimits& limits) {
    PredictOptions options;
    options.batch = batch;
    options.threads = threads;
    options.limits = limits;
    return options;
}

/// Normalised input of networks that run elsewhere: (N, C * H * W) float32, channels first.
Answer load_inputs(
    const py::sequence& inputs,
    const Preprocess& preprocess,
    std::int64_t batch,
    int threads,
    const DecodeLimits& limits,
    const py::object& on_progress) {
    preprocess.validate();
    const std::int64_t width = preprocess.channels * preprocess.height * preprocess.width;
    return run_on(inputs, on_progress, [&](std::vector<Sample> samples, Progress& progress) {
        return stream_rows(
            std::move(samples),
            preprocess,
            options_of(batch, threads, limits),
            Compute{},
            progress,
            width,
            [](const at::Tensor& input) { return input.contiguous().flatten(1); });
    });
}

py::array_t<float> logits(
    Predictor& self, const py::array_t<float, py::array::c_style | py::array::forcecast>& x) {
    const std::vector<std::int64_t> shape(x.shape(), x.shape() + x.ndim());
    const std::span values(x.data(), static_cast<std::size_t>(x.size()));
    std::vector<float> result;
    {
        const py::gil_scoped_release release;
        result = self.logits(values, shape);
    }
    const auto classes = static_cast<py::ssize_t>(result.size()) / x.shape(0);
    return array_of(std::move(result), {x.shape(0), classes});
}

void bind_fit_reliability(py::module_& m) {
    m.def(
        "fit_reliability",
        [](const ModelFile& model,
           const std::pair<std::string, std::string>& compute,
           const std::pair<py::list, std::vector<std::int64_t>>& trained,
           const std::pair<py::list, std::vector<std::int64_t>>& held_out,
           const std::pair<py::list, std::vector<std::int64_t>>& calibration,
           std::int64_t batch,
           int threads,
           const DecodeLimits& limits,
           const py::object& on_progress) {
            const auto& [device, precision] = compute;
            const Compute resolved =
                resolve_compute(device, enum_from<PrecisionRequest>("precision", precision));
            ReliabilityImages images{
                samples_of(trained.first, trained.second),
                samples_of(held_out.first, held_out.second),
                samples_of(calibration.first, calibration.second)};
            PythonObserver observer(on_progress);
            Reliability found;
            observer.run([&] {
                found = fit_reliability(
                    model,
                    resolved,
                    std::move(images),
                    options_of(batch, threads, limits),
                    observer);
            });
            return found;
        },
        py::arg("model"),
        py::arg("compute"),
        py::arg("trained"),
        py::arg("held_out"),
        py::arg("calibration"),
        py::arg("batch"),
        py::arg("threads"),
        py::arg("limits"),
        py::arg("on_progress"),
        "Temperature and outlier statistics from (paths, labels) trained on, held out, and of the "
        "calibration split, which may be empty; compute "
        "is (device, precision).");
}

void bind_plan_step(py::module_& m) {
    py::class_<PlanStep>(m, "PlanStep", "A kernel of an inference plan.")
        .def_readonly("nodes", &PlanStep::nodes, "Names of what it computes at once.")
        .def_property_readonly(
            "operation", [](const PlanStep& step) { return std::string(name_of(step.operation)); })
        .def_property_readonly(
            "shape",
            [](const PlanStep& step) {
                return py::typing::Tuple<py::int_, py::ellipsis>(py::cast(step.shape.sizes()));
            },
            "Of the output, without N: (C, H, W) or (D).")
        .def_readonly("multiply_adds", &PlanStep::multiply_adds, "For one image.")
        .def_readonly("seconds", &PlanStep::seconds, "For one image; 0 where not timed.");
}

}  // namespace

void bind_engine(py::module_& m) {
    bind_plan_step(m);
    bind_fit_reliability(m);
    py::class_<Predictor>(m, "Predictor", "A model at work on images.")
        .def(
            py::init([](const ModelFile& model,
                        const std::string& device,
                        const std::string& precision) {
                return std::make_unique<Predictor>(
                    model,
                    resolve_compute(device, enum_from<PrecisionRequest>("precision", precision)));
            }),
            py::arg("model"),
            py::arg("device"),
            py::arg("precision"))
        .def_property_readonly(
            "device", [](const Predictor& self) { return self.compute().device.str(); })
        .def_property_readonly(
            "precision",
            [](const Predictor& self) { return std::string(name_of(self.compute().precision)); })
        .def(
            "plan",
            &Predictor::plan,
            py::arg("timed"),
            py::call_guard<py::gil_scoped_release>(),
            "How logits are computed, kernel by kernel.")
        .def(
            "predict",
            [](Predictor& self,
               const py::sequence& inputs,
               std::int64_t batch,
               int threads,
               const DecodeLimits& limits,
               const py::object& on_progress,
               bool tta) {
                return run_on(inputs, on_progress, [&](auto samples, Progress& progress) {
                    PredictOptions options = options_of(batch, threads, limits);
                    options.tta = tta;
                    return self.predict(std::move(samples), options, progress);
                });
            },
            py::arg("inputs"),
            py::arg("batch"),
            py::arg("threads"),
            py::arg("limits"),
            py::arg("on_progress"),
            py::arg("tta") = false,
            "Rows (N, K) or (N, K + 6) float32: probabilities, and outlier scores where the model "
            "has "
            "what they need, with tta the instability behind them; and one error text per input, "
            "empty where it was good.")
        .def(
            "embed",
            [](Predictor& self,
               const py::sequence& inputs,
               const std::string& stage,
               std::int64_t batch,
               int threads,
               const DecodeLimits& limits,
               const py::object& on_progress) {
                return run_on(inputs, on_progress, [&](auto samples, Progress& progress) {
                    const PredictOptions options = options_of(batch, threads, limits);
                    return self.embed(std::move(samples), stage, options, progress);
                });
            },
            py::arg("inputs"),
            py::arg("stage"),
            py::arg("batch"),
            py::arg("threads"),
            py::arg("limits"),
            py::arg("on_progress"),
            "Features (N, D) float32 of a stage or layer, and one error text per input.")
        .def(
            "logits",
            &logits,
            py::arg("x"),
            "Logits (N, K) float32 of normalised input (N, C, H, W) float32.");
    m.def(
        "load_inputs",
        &load_inputs,
        py::arg("inputs"),
        py::arg("preprocess"),
        py::arg("batch"),
        py::arg("threads"),
        py::arg("limits"),
        py::arg("on_progress"),
        "Normalised input (N, C * H * W) float32 for other runtimes, and one error per image.");
}

}  // namespace georgia
