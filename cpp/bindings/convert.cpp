#include "convert.h"

#include <algorithm>
#include <chrono>
#include <cstring>
#include <filesystem>
#include <pybind11/stl.h>
#include <pybind11/stl/filesystem.h>
#include <utility>

#include "georgia/base/error.h"

#include "options.h"

namespace py = pybind11;

namespace georgia {

py::array array_of(Image image) {
    std::vector<py::ssize_t> shape{image.height, image.width};
    if (image.channels > 1) shape.push_back(image.channels);
    return array_of(std::move(image.pixels), std::move(shape));
}

Image image_of(const py::array& array) {
    const auto channels = array.ndim() == 2 ? 1 : (array.ndim() == 3 ? array.shape(2) : 0);
    const bool has_shape = channels == 1 || channels == 3 || channels == 4;
    if (!has_shape || !py::isinstance<py::array_t<std::uint8_t>>(array) || array.size() == 0)
        throw BadInput(
            "image",
            "array",
            "not an image",
            "shape (H, W), (H, W, 3) or (H, W, 4) of uint8, RGB order",
            "shape " + py::repr(array.attr("shape")).cast<std::string>() + " of " +
                py::str(array.dtype()).cast<std::string>());
    if (const DecodeLimits limits; std::max(array.shape(0), array.shape(1)) > limits.max_side)
        throw BadInput(
            "image",
            "array",
            "the image is too large",
            "at most " + std::to_string(limits.max_side) + " pixels a side");
    const auto packed = py::array_t<std::uint8_t, py::array::c_style>::ensure(array);
    Image image(
        static_cast<int>(array.shape(0)),
        static_cast<int>(array.shape(1)),
        static_cast<int>(channels));
    std::memcpy(image.pixels.data(), packed.data(), image.pixels.size());
    return image;
}

py::dict dict_of(const Temperature& temperature) {
    py::dict dict;
    dict["value"] = temperature.value;
    dict["log_loss_before"] = temperature.log_loss_before;
    dict["log_loss_after"] = temperature.log_loss_after;
    dict["is_bounded"] = temperature.is_bounded;
    return dict;
}

py::str text_of(const std::string& message) {
    PyObject* text =
        PyUnicode_DecodeUTF8(message.data(), static_cast<py::ssize_t>(message.size()), "replace");
    if (text == nullptr) throw py::error_already_set();
    return py::reinterpret_steal<py::str>(text);
}

Source source_of(const py::handle& input) {
    if (py::isinstance<py::array>(input))
        return std::make_shared<const Image>(image_of(py::reinterpret_borrow<py::array>(input)));
    if (py::isinstance<py::bytes>(input)) {
        const auto view = std::string_view(py::reinterpret_borrow<py::bytes>(input));
        return std::make_shared<const Bytes>(view.begin(), view.end());
    }
    if (PyExceptionInstance_Check(input.ptr()) != 0)
        return std::make_exception_ptr(
            IoError("read_image", "input", py::str(input).cast<std::string>()));
    if (py::isinstance<py::str>(input) || py::hasattr(input, "__fspath__"))
        return input.cast<std::filesystem::path>().string();
    throw InvalidOption(
        "image",
        "input",
        "of a type this program does not read",
        "a path, bytes or an array",
        py::str(py::type::handle_of(input)).cast<std::string>());
}

std::vector<Sample> samples_of(
    const py::sequence& inputs, const std::vector<std::int64_t>& labels) {
    if (!labels.empty() && labels.size() != inputs.size())
        throw InvalidOption("samples", "labels", "expected one label for each input");
    std::vector<Sample> samples;
    for (const py::handle input : inputs)
        samples.push_back({source_of(input), labels.empty() ? -1 : labels[samples.size()]});
    return samples;
}

PythonObserver::PythonObserver(py::object on_progress)
    : PythonObserver(std::move(on_progress), {py::none(), py::none(), py::none(), py::none()}) {}

PythonObserver::PythonObserver(py::object on_progress, Listeners listeners)
    : on_progress_(std::move(on_progress)), listeners_(std::move(listeners)) {}

bool PythonObserver::advance(const ProgressStep& step) {
    const std::int64_t now = std::chrono::steady_clock::now().time_since_epoch().count();
    constexpr std::int64_t kInterval = 100'000'000;
    if (step.done < step.total && now - last_call_ns_ < kInterval) return true;
    last_call_ns_ = now;
    const py::gil_scoped_acquire gil;
    try {
        if (PyErr_CheckSignals() != 0) throw py::error_already_set();
        if (!on_progress_.is_none())
            on_progress_(std::string(step.stage), step.done, step.total, step.loss);
    } catch (...) {
        raised_ = std::current_exception();
    }
    return raised_ == nullptr;
}

void PythonObserver::on_epoch(const EpochRecord& record) {
    const py::gil_scoped_acquire gil;
    if (!listeners_.on_epoch.is_none()) listeners_.on_epoch(to_plain(record));
}

bool PythonObserver::watches_batches() const {
    return !listeners_.on_batch.is_none();
}

void PythonObserver::on_batch(const BatchRecord& record) {
    if (listeners_.on_batch.is_none()) return;
    const py::gil_scoped_acquire gil;
    py::dict plain;
    plain["epoch"] = record.epoch;
    plain["step"] = record.step;
    plain["loss"] = record.loss;
    plain["learning_rate"] = record.learning_rate;
    plain["gradient_norm"] = record.gradient_norm;
    listeners_.on_batch(plain);
}

void PythonObserver::on_notice(const std::string& text) {
    const py::gil_scoped_acquire gil;
    if (!listeners_.on_notice.is_none()) listeners_.on_notice(text);
}

bool PythonObserver::should_stop() {
    if (listeners_.should_stop.is_none()) return false;
    const py::gil_scoped_acquire gil;
    return py::bool_(listeners_.should_stop());
}

void PythonObserver::run(const std::function<void()>& work) {
    try {
        const py::gil_scoped_release release;
        work();
    } catch (const Cancelled&) {
        if (raised_) std::rethrow_exception(std::exchange(raised_, nullptr));
        throw;
    }
}

}  // namespace georgia
