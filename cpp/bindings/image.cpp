#include <pybind11/stl.h>
#include <span>

#include "georgia/base/files.h"
#include "georgia/image/augment.h"
#include "georgia/image/decode.h"
#include "georgia/image/encode.h"
#include "georgia/image/fingerprint.h"
#include "georgia/image/normalise.h"
#include "georgia/image/preprocess.h"
#include "georgia/image/synthetic.h"

#include "convert.h"
#include "module.h"
#include "options.h"

namespace py = pybind11;

namespace georgia {

void bind_image(py::module_& m) {
    bind_options<AugmentProbability>(
        m, "AugmentProbability", "How often each quantity of AugmentOptions is drawn at all.");
    bind_options<AugmentOptions>(
        m, "AugmentOptions", "Random changes of the training images, by the widest that is drawn.");
    bind_options<DecodeLimits>(m, "DecodeLimits", "What an untrusted image file may ask for.");
    bind_options<Preprocess>(m, "Preprocess", "From stored form to network input.");
    m.def(
        "read_image",
        [](const py::object& source, const DecodeLimits& limits, const Preprocess& preprocess) {
            limits.validate();
            preprocess.validate();
            const Source from = source_of(source);
            std::shared_ptr<const Image> image;
            {
                const py::gil_scoped_release release;
                image = load(from, reading_of(preprocess, limits));
            }
            return array_of(Image(*image));
        },
        py::arg("source"),
        py::arg("limits"),
        py::arg("preprocess"),
        "The stored form of an image, by the depth and crop of a preprocessing.");
    m.def(
        "normalise",
        [](const py::array_t<std::uint8_t, py::array::c_style>& pixels,
           const Preprocess& preprocess) {
            preprocess.validate();
            if (pixels.ndim() == 0 || pixels.shape(pixels.ndim() - 1) != preprocess.channels)
                throw InvalidOption(
                    "normalise",
                    "pixels",
                    "the last axis is not that of the channels",
                    std::to_string(preprocess.channels),
                    std::to_string(pixels.ndim() == 0 ? 0 : pixels.shape(pixels.ndim() - 1)));
            py::array_t<float> values(
                std::vector<py::ssize_t>(pixels.shape(), pixels.shape() + pixels.ndim()));
            const std::span bytes(pixels.data(), static_cast<std::size_t>(pixels.size()));
            const std::span target(values.mutable_data(), bytes.size());
            {
                const py::gil_scoped_release release;
                normalise(bytes, preprocess, target);
            }
            return values;
        },
        py::arg("pixels"),
        py::arg("preprocess"),
        "Pixels (..., C) uint8 as network input, float32 of the same shape.");
    m.def(
        "encode_png",
        [](const py::array& pixels) {
            const auto bytes = encode_png(image_of(pixels));
            return py::bytes(reinterpret_cast<const char*>(bytes.data()), bytes.size());
        },
        py::arg("pixels"),
        "PNG bytes of an image in stored form.");
    m.def(
        "preprocess",
        [](const py::array& pixels,
           const Preprocess& preprocess,
           const AugmentOptions& augment,
           std::uint64_t seed,
           std::uint32_t epoch,
           std::uint32_t sample) {
            const Crop crop = reading_of(preprocess, {}).crop;
            const Image image = cropped(image_of(pixels), crop, "array");
            RandomStream random({seed, epoch, sample, Purpose::kAugment});
            Image out(
                static_cast<int>(preprocess.height),
                static_cast<int>(preprocess.width),
                static_cast<int>(preprocess.channels));
            place(image, preprocess, draw_augmentation(augment, random), out.pixels.data());
            return array_of(std::move(out));
        },
        py::arg("pixels"),
        py::arg("preprocess"),
        py::arg("augment"),
        py::arg("seed") = 0,
        py::arg("epoch") = 0,
        py::arg("sample") = 0,
        "What the network sees of an image, before normalisation.");
    m.def(
        "with_normalisation",
        &with_normalisation,
        py::arg("preprocess"),
        py::arg("name"),
        "The preprocessing with the normalisation imagenet, caffe, unit or centred.");
    m.def(
        "near_pairs",
        &near_pairs,
        py::arg("hashes"),
        py::arg("max_distance"),
        py::arg("only_joining") = false,
        py::call_guard<py::gil_scoped_release>(),
        "Pairs (i, j), i < j, of perceptual hashes at most that many bits apart.");
    m.def(
        "perceptual_distance",
        &perceptual_distance,
        py::arg("left"),
        py::arg("right"),
        "Bits in which two perceptual hashes differ, in the best of the eight orientations.");
    m.def("crystal_classes", &crystal_classes, "Names of the synthetic habits.");
    m.def(
        "draw_crystals",
        [](std::int64_t label, std::int64_t size, std::uint64_t seed, std::uint32_t item) {
            Image image;
            {
                const py::gil_scoped_release release;
                image = draw_crystals(label, static_cast<int>(size), seed, item);
            }
            return array_of(std::move(image));
        },
        py::arg("label"),
        py::arg("size"),
        py::arg("seed"),
        py::arg("item"),
        "One synthetic micrograph, (size, size, 3) uint8.");
}

}  // namespace georgia
