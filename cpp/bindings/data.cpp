#include <pybind11/stl.h>
#include <pybind11/stl/filesystem.h>

#include "georgia/base/machine.h"
#include "georgia/data/inspect.h"
#include "georgia/data/loader.h"
#include "georgia/data/portraits.h"

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

void bind_facts(py::module_& m) {
    const auto number = [](auto member) {
        return [member](const FileFacts& facts) { return facts.pixels.*member; };
    };
    py::class_<FileFacts>(m, "FileFacts", "What is known of an image file.")
        .def_readonly("bytes", &FileFacts::bytes)
        .def_readonly("sha256", &FileFacts::sha256)
        .def_property_readonly(
            "error",
            [](const FileFacts& facts) { return text_of(facts.error); },
            "Why it was refused; empty where it was not.")
        .def_property_readonly(
            "format", [](const FileFacts& facts) { return std::string(name_of(facts.format)); })
        .def_readonly("height", &FileFacts::height, "Upright, before cropping.")
        .def_readonly("width", &FileFacts::width)
        .def_readonly("channels", &FileFacts::channels, "1 gray, 3 RGB, 4 RGBA.")
        .def_readonly("bits", &FileFacts::bits, "Of one sample in the file.")
        .def_readonly("is_cmyk", &FileFacts::is_cmyk)
        .def_readonly("orientation", &FileFacts::orientation, "EXIF, 1 to 8.")
        .def_readonly("taken", &FileFacts::taken, "EXIF time, 2026:11:22 10:30:00, or empty.")
        .def_property_readonly("mean", number(&Fingerprint::mean), "Of gray, 0 to 255.")
        .def_property_readonly("entropy", number(&Fingerprint::entropy), "In bits, 0 to 8.")
        .def_property_readonly(
            "pixel_hash", number(&Fingerprint::pixel_hash), "The same for all eight turnings.")
        .def_property_readonly(
            "turn", number(&Fingerprint::turn), "To the canonical orientation, 0 to 7.")
        .def_property_readonly("perceptual", number(&Fingerprint::perceptual), "64 bits.")
        .def_property_readonly(
            "edges",
            number(&Fingerprint::edges),
            "Mean and deviation of top, bottom, left and right strip.")
        .def_property_readonly(
            "middles", number(&Fingerprint::middles), "The same a third of a side further in.");
}

void bind_portraits(py::module_& m) {
    m.def(
        "portraits",
        [](const py::sequence& inputs,
           const Preprocess& preprocess,
           const DecodeLimits& limits,
           int side,
           int threads,
           const py::object& on_progress) {
            const std::vector<Sample> samples = samples_of(inputs, {});
            PythonObserver observer(on_progress);
            std::vector<Portrait> made;
            observer.run([&] {
                const Reading reading = reading_of(preprocess, limits);
                made = portraits(
                    samples,
                    reading,
                    side,
                    {threads > 0 ? threads : usable_cores(), "draw", observer});
            });
            py::list jpegs;
            std::vector<float> shares;
            std::vector<double> entropies;
            for (const Portrait& one : made) {
                jpegs.append(
                    py::bytes(reinterpret_cast<const char*>(one.jpeg.data()), one.jpeg.size()));
                const auto& own = one.intensities.shares;
                shares.insert(shares.end(), own.begin(), own.end());
                entropies.push_back(one.intensities.entropy);
            }
            const auto count = static_cast<py::ssize_t>(made.size());
            py::dict dict;
            dict["jpegs"] = jpegs;
            dict["intensities"] = array_of(
                std::move(shares), {count, std::tuple_size_v<decltype(Intensities::shares)>});
            dict["entropies"] = array_of(std::move(entropies));
            return dict;
        },
        py::arg("inputs"),
        py::arg("preprocess"),
        py::arg("limits"),
        py::arg("side"),
        py::arg("threads") = 0,
        py::arg("on_progress") = py::none(),
        "JPEG files of images no larger than that, whole (empty where one cannot be read), the "
        "shares of their pixels by 64 intensities (N, 64), and the entropies of those (bits).");
}

}  // namespace

void bind_data(py::module_& m) {
    bind_portraits(m);
    bind_facts(m);
    m.def(
        "inspect_files",
        [](const std::vector<std::filesystem::path>& files,
           const Preprocess& preprocess,
           const DecodeLimits& limits,
           bool pixels,
           int threads,
           const py::object& on_progress) {
            const std::vector<std::string> paths(files.begin(), files.end());
            InspectOptions options;
            options.threads = threads > 0 ? threads : usable_cores();
            options.pixels = pixels;
            options.reading = reading_of(preprocess, limits);
            PythonObserver observer(on_progress);
            std::vector<FileFacts> facts;
            observer.run([&] { facts = inspect_files(paths, options, observer); });
            return facts;
        },
        py::arg("paths"),
        py::arg("preprocess"),
        py::arg("limits"),
        py::arg("pixels"),
        py::arg("threads"),
        py::arg("on_progress"),
        "Facts of each file in order; its error says why a file was refused.");
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
