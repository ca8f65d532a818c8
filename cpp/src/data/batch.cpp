#include "georgia/data/batch.h"

#include <ATen/ATen.h>
#include <array>
#include <utility>

namespace georgia {
namespace {

/// What each byte becomes in each channel.
template <class T>
using Table = std::vector<std::array<T, 256>>;

template <class T>
Table<T> normalisation_table(const Preprocess& preprocess) {
    Table<T> table(static_cast<std::size_t>(preprocess.channels));
    for (std::size_t c = 0; c < table.size(); ++c)
        for (std::size_t byte = 0; byte < 256; ++byte)
            table[c][byte] = static_cast<T>(static_cast<float>(
                (static_cast<double>(byte) / 255 - preprocess.mean[c]) / preprocess.deviation[c]));
    return table;
}

template <class T>
void look_up(
    const std::uint8_t* bytes,
    std::int64_t pixels,
    const Table<T>& table,
    ChannelOrder order,
    T* values) {
    const std::size_t channels = table.size();
    std::array<std::size_t, 4> place{0, 1, 2, 3};  // in the input, by colour
    if (order == ChannelOrder::kBgr && channels >= 3) std::swap(place[0], place[2]);
    for (std::size_t i = 0; i < static_cast<std::size_t>(pixels); ++i)
        for (std::size_t c = 0; c < channels; ++c)
            values[i * channels + place[c]] = table[c][bytes[i * channels + c]];
}

}  // namespace

at::Tensor normalised(
    const BatchView& batch, const Preprocess& preprocess, at::ScalarType type, at::Device device) {
    at::Tensor input = at::empty(
        {batch.count, preprocess.channels, preprocess.height, preprocess.width},
        at::TensorOptions(type).memory_format(at::MemoryFormat::ChannelsLast));
    const std::int64_t pixels = batch.count * preprocess.height * preprocess.width;
    if (type == at::kBFloat16)
        look_up(
            batch.pixels,
            pixels,
            normalisation_table<at::BFloat16>(preprocess),
            preprocess.order,
            input.data_ptr<at::BFloat16>());
    else
        look_up(
            batch.pixels,
            pixels,
            normalisation_table<float>(preprocess),
            preprocess.order,
            input.data_ptr<float>());
    return on_device(input, device);
}

at::Tensor on_device(const at::Tensor& tensor, at::Device device) {
    return device.is_cpu() ? tensor : tensor.pin_memory().to(device, /*non_blocking=*/true);
}

at::Tensor labels_of(
    const BatchView& batch, const std::vector<Sample>& samples, at::Device device) {
    at::Tensor labels = at::empty({batch.count}, at::kLong);
    auto* label = labels.data_ptr<std::int64_t>();
    for (const std::int64_t sample : batch.samples)
        *label++ = samples[static_cast<std::size_t>(sample)].label;
    return on_device(labels, device);
}

}  // namespace georgia
