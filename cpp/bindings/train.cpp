#include <pybind11/stl.h>
#include <pybind11/stl/filesystem.h>

#include "georgia/engine/model_file.h"
#include "georgia/nn/trainable.h"
#include "georgia/nn/zoo.h"
#include "georgia/train/checkpoint.h"
#include "georgia/train/pace.h"
#include "georgia/train/rate_finder.h"
#include "georgia/train/trainer.h"

#include "convert.h"
#include "module.h"
#include "options.h"

namespace py = pybind11;

namespace georgia {
namespace {

TrainJob job_of(
    const std::filesystem::path& folder,
    const std::vector<std::string>& classes,
    const py::sequence& train_paths,
    const std::vector<std::int64_t>& train_labels,
    const std::optional<ModelFile>& start) {
    TrainJob job;
    job.folder = folder;
    job.classes = classes;
    job.train = samples_of(train_paths, train_labels);
    if (start) job.weights = start->weights;
    return job;
}

}  // namespace

void bind_train(py::module_& m) {
    bind_options<RateOptions>(m, "RateOptions", "Details of the learning-rate schedules.");
    bind_options<MixOptions>(m, "MixOptions", "Mixing pairs of training images.");
    bind_options<ImbalanceOptions>(
        m, "ImbalanceOptions", "What is done about classes of unequal size, in training alone.");
    bind_options<StopOptions>(m, "StopOptions", "When a training ends before its last epoch.");
    bind_options<Phase>(m, "Phase", "A stretch of training with fixed settings.");
    bind_options<TrainOptions>(m, "TrainOptions", "Everything that decides a training, data aside.")
        .def_property_readonly(
            "total_epochs", &TrainOptions::total_epochs, "Epochs of all phases together.");
    m.def(
        "check_network",
        &check_network,
        py::arg("options"),
        py::arg("classes"),
        "Refuse a network that cannot be built, or that does not compute at a phase's size.");
    m.def(
        "run_state",
        [](const std::filesystem::path& path) {
            const Checkpoint state = read_checkpoint_header(path);
            py::dict plain;
            plain["epoch"] = state.position.epoch;
            plain["step"] = state.step;
            plain["seconds"] = state.seconds;
            plain["ended"] = state.ended;
            plain["best_epoch"] = state.best.epoch;
            plain["device"] = state.device;
            plain["precision"] = std::string(name_of(state.precision));
            return plain;
        },
        py::arg("path"),
        "Where the run stands whose checkpoint this is; ended is empty while it can go on.");
    m.def(
        "phase_cost",
        [](const TrainOptions& options, std::int64_t classes, std::size_t phase) {
            const Graph graph = build_network(options.network_spec(classes));
            const Phase& chosen = options.phases.at(phase);
            return training_cost(graph, chosen.size, stages_named(graph, chosen.trainable));
        },
        py::arg("options"),
        py::arg("classes"),
        py::arg("phase"),
        "What a phase trains, and what that costs.");
    m.def(
        "train",
        [](const std::filesystem::path& folder,
           const std::vector<std::string>& classes,
           const py::sequence& train_paths,
           const std::vector<std::int64_t>& train_labels,
           const py::sequence& validation_paths,
           const std::vector<std::int64_t>& validation_labels,
           const std::string& data_hash,
           const std::string& provenance,
           const std::optional<ModelFile>& start,
           const TrainOptions& options,
           const py::object& on_progress,
           const py::object& on_epoch,
           const py::object& on_batch,
           const py::object& on_notice,
           const py::object& should_stop) {
            TrainJob job = job_of(folder, classes, train_paths, train_labels, start);
            job.validation = samples_of(validation_paths, validation_labels);
            job.data_hash = data_hash;
            job.provenance = provenance;
            PythonObserver observer(on_progress, {on_epoch, on_batch, on_notice, should_stop});
            observer.run([&] { train(job, options, observer); });
        },
        py::kw_only(),
        py::arg("folder"),
        py::arg("classes"),
        py::arg("train_paths"),
        py::arg("train_labels"),
        py::arg("validation_paths"),
        py::arg("validation_labels"),
        py::arg("data_hash"),
        py::arg("provenance"),
        py::arg("start"),
        py::arg("options"),
        py::arg("on_progress"),
        py::arg("on_epoch"),
        py::arg("on_batch"),
        py::arg("on_notice"),
        py::arg("should_stop"),
        "Start a run in a folder, or continue the one that lies there.");
    m.def(
        "find_rate",
        [](const std::vector<std::string>& classes,
           const py::sequence& train_paths,
           const std::vector<std::int64_t>& train_labels,
           const std::optional<ModelFile>& start,
           const TrainOptions& options,
           std::int64_t steps,
           double low,
           double high,
           const py::object& on_progress) {
            const TrainJob job = job_of({}, classes, train_paths, train_labels, start);
            PythonObserver observer(on_progress);
            RateCurve curve;
            observer.run([&] { curve = find_rate(job, options, steps, low, high, observer); });
            return std::tuple{curve.rates, curve.losses, suggested_rate(curve)};
        },
        py::kw_only(),
        py::arg("classes"),
        py::arg("train_paths"),
        py::arg("train_labels"),
        py::arg("start"),
        py::arg("options"),
        py::arg("steps"),
        py::arg("low"),
        py::arg("high"),
        py::arg("on_progress"),
        "Learning-rate range test: rates, smoothed losses, and the rate that is suggested.");
    py::class_<Pace>(m, "Pace", "How long the parts of a phase take.")
        .def(
            "seconds",
            &Pace::seconds,
            py::arg("epochs"),
            "That so many epochs take, validations too.");
    m.def(
        "measure_pace",
        [](const std::vector<std::string>& classes,
           const py::sequence& train_paths,
           const std::vector<std::int64_t>& train_labels,
           const py::sequence& validation_paths,
           const std::vector<std::int64_t>& validation_labels,
           const TrainOptions& options,
           std::size_t phase,
           const py::object& on_progress) {
            TrainJob job = job_of({}, classes, train_paths, train_labels, std::nullopt);
            job.validation = samples_of(validation_paths, validation_labels);
            PythonObserver observer(on_progress);
            Pace pace;
            observer.run(
                [&] { pace = measure_pace(job, options, options.phases.at(phase), observer); });
            return pace;
        },
        py::kw_only(),
        py::arg("classes"),
        py::arg("train_paths"),
        py::arg("train_labels"),
        py::arg("validation_paths"),
        py::arg("validation_labels"),
        py::arg("options"),
        py::arg("phase"),
        py::arg("on_progress"),
        "How long the parts of a phase take, from a short training.");
}

}  // namespace georgia
