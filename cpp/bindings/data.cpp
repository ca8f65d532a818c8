#include <pybind11/stl.h>
#include <pybind11/stl/filesystem.h>
#include <tuple>

#include "georgia/base/machine.h"
#include "georgia/data/loader.h"
#include "georgia/data/sample.h"

#include "convert.h"
#include "module.h"

namespace py = pybind11;

namespace georgia {
namespace {

/// The next batch as arrays, or StopIteration. A failed image is raised with its path.
py::tuple next_batch(Loader& loader) {
    BatchView batch;
    {
        const py::gil_scoped_release release;
        batch = loader.next();
        batch.rethrow_failure();
    }
    if (batch.count == 0) throw py::stop_iteration();
    const Preprocess& preprocess = loader.preprocess();
    const auto bytes = static_cast<std::size_t>(batch.count) * preprocess.row_bytes();
    return py::make_tuple(
        array_of(
            std::vector<std::uint8_t>(batch.pixels, batch.pixels + bytes),
            {batch.count, preprocess.height, preprocess.width, preprocess.channels}),
        array_of(
            std::vector<std::int64_t>(batch.samples.begin(), batch.samples.end()), {batch.count}));
}

}  // namespace

void bind_data(py::module_& m) {
    m.def(
        "inspect_files",
        [](const std::vector<std::filesystem::path>& files,
           int threads,
           const py::object& on_progress) {
            const std::vector<std::string> paths(files.begin(), files.end());
            PythonObserver observer(on_progress, py::none());
            std::vector<FileFacts> facts;
            observer.run([&] {
                facts = inspect_files(paths, threads > 0 ? threads : usable_cores(), observer);
            });
            std::vector<std::tuple<std::int64_t, std::string, py::str>> rows;
            for (const FileFacts& file : facts)
                rows.emplace_back(file.bytes, file.sha256, text_of(file.error));
            return rows;
        },
        py::arg("paths"),
        py::arg("threads") = 0,
        py::arg("on_progress") = py::none(),
        "Bytes, SHA-256 and reason of refusal (or empty) of each file in order.");
    py::class_<Loader>(m, "Loader", "Batches of images, (N, H, W, C) uint8, in a fixed order.")
        .def(
            py::init([](const py::sequence& inputs,
                        const Preprocess& preprocess,
                        const AugmentOptions& augment,
                        std::int64_t batch,
                        std::int64_t epochs,
                        int threads,
                        bool shuffle,
                        std::uint64_t seed) {
                LoaderOptions options;
                options.batch = batch;
                options.epochs = epochs;
                options.threads = threads;
                options.shuffle = shuffle;
                options.seed = seed;
                options.augment = augment;
                return std::make_unique<Loader>(samples_of(inputs, {}), preprocess, options);
            }),
            py::arg("inputs"),
            py::arg("preprocess"),
            py::arg("augment"),
            py::kw_only(),
            py::arg("batch") = 32,
            py::arg("epochs") = 1,
            py::arg("threads") = 1,
            py::arg("shuffle") = false,
            py::arg("seed") = 0)
        .def(
            "__iter__",
            [](Loader& self) -> Loader& { return self; },
            py::return_value_policy::reference_internal)
        .def(
            "__next__",
            &next_batch,
            "Pixels (N, H, W, C) uint8 and the samples' indices (N) int64.")
        .def(
            "seek",
            [](Loader& self, std::int64_t epoch, std::int64_t batch) {
                const py::gil_scoped_release release;
                self.seek({epoch, batch});
            },
            py::arg("epoch"),
            py::arg("batch"),
            "Start again at a position.");
}

}  // namespace georgia
