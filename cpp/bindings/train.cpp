#include <pybind11/stl.h>
#include <pybind11/stl/filesystem.h>

#include "georgia/engine/model_file.h"
#include "georgia/train/checkpoint.h"
#include "georgia/train/trainer.h"

#include "convert.h"
#include "module.h"
#include "options.h"

namespace py = pybind11;

namespace georgia {

void bind_train(py::module_& m) {
    bind_options<Phase>(m, "Phase", "A stretch of training with fixed settings.");
    bind_options<TrainOptions>(
        m, "TrainOptions", "Everything that decides a training, data aside.");
    m.def(
        "check_network",
        &check_network,
        py::arg("options"),
        py::arg("classes"),
        "Refuse a network that cannot be built, or that does not compute at a phase's size.");
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
           const py::object& on_epoch) {
            const TrainJob job{
                folder,
                classes,
                samples_of(train_paths, train_labels),
                samples_of(validation_paths, validation_labels),
                data_hash,
                provenance,
                start ? start->weights : TensorMap{}};
            PythonObserver observer(on_progress, on_epoch);
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
        "Start a run in a folder, or continue the one that lies there.");
}

}  // namespace georgia
