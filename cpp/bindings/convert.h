#pragma once

#include <functional>
#include <memory>
#include <pybind11/numpy.h>
#include <pybind11/pybind11.h>
#include <span>
#include <string>
#include <vector>

#include "georgia/analysis/calibration.h"
#include "georgia/data/sample.h"
#include "georgia/image/image.h"
#include "georgia/train/trainer.h"

namespace georgia {

/// (H, W) for gray, else (H, W, C) uint8; the pixels are moved, not copied.
pybind11::array array_of(Image image);

/// From an array (H, W), (H, W, 1), (H, W, 3) or (H, W, 4) of uint8; others are refused by name.
Image image_of(const pybind11::array& array);

/// A NumPy array that owns the values.
template <class Value, class Allocator>
pybind11::array_t<Value> array_of(
    std::vector<Value, Allocator> values, std::vector<pybind11::ssize_t> shape) {
    using Values = std::vector<Value, Allocator>;
    auto owned = std::make_unique<Values>(std::move(values));
    const Value* data = owned->data();
    const pybind11::capsule owner(
        owned.release(), [](void* kept) { delete static_cast<Values*>(kept); });
    return pybind11::array_t<Value>(std::move(shape), data, owner);
}

/// The same in one dimension.
template <class Value, class Allocator>
pybind11::array_t<Value> array_of(std::vector<Value, Allocator> values) {
    const auto count = static_cast<pybind11::ssize_t>(values.size());
    return array_of(std::move(values), {count});
}

/// Arrays of these kinds as the core reads them; others are converted.
using Rows = pybind11::array_t<float, pybind11::array::c_style | pybind11::array::forcecast>;
using Integers =
    pybind11::array_t<std::int64_t, pybind11::array::c_style | pybind11::array::forcecast>;
using Booleans = pybind11::array_t<bool, pybind11::array::c_style | pybind11::array::forcecast>;

/// All values of an array, which keeps them.
template <class Value, int flags>
std::span<const Value> span_of(const pybind11::array_t<Value, flags>& array) {
    return {array.data(), static_cast<std::size_t>(array.size())};
}

/// value, log_loss_before, log_loss_after, is_bounded.
pybind11::dict dict_of(const Temperature& temperature);

/// A message of the core as a str; bytes that are no UTF-8, as file names may hold, are replaced.
pybind11::str text_of(const std::string& message);

/// str or os.PathLike -> a file, bytes -> the bytes of a file, ndarray -> pixels in RGB order.
Source source_of(const pybind11::handle& input);

std::vector<Sample> samples_of(
    const pybind11::sequence& inputs, const std::vector<std::int64_t>& labels);

/// A Progress that lets Python live: at most every 100 ms it takes the GIL, lets Python handle
/// signals and calls back; an exception there stops the core, and rethrow() brings it out.
class PythonObserver : public TrainObserver {
  public:
    /// Any callable may be None. Made with the GIL held.
    explicit PythonObserver(pybind11::object on_progress);

    /// What a training tells: records as dicts, notices as str; should_stop returns a bool.
    struct Listeners {
        pybind11::object on_epoch;
        pybind11::object on_batch;
        pybind11::object on_notice;
        pybind11::object should_stop;
    };
    PythonObserver(pybind11::object on_progress, Listeners listeners);

    bool advance(const ProgressStep& step) override;
    void on_batch(const BatchRecord& record) override;
    bool watches_batches() const override;
    void on_epoch(const EpochRecord& record) override;
    void on_notice(const std::string& text) override;
    bool should_stop() override;

    /// Runs a long call without the GIL. Where Python stopped it, Python's exception is thrown.
    void run(const std::function<void()>& work);

  private:
    pybind11::object on_progress_;
    Listeners listeners_;
    std::exception_ptr raised_;
    std::int64_t last_call_ns_ = 0;
};

}  // namespace georgia
