#include "georgia/data/batch.h"

#include <ATen/ATen.h>
#include <span>

#include "georgia/image/normalise.h"

namespace georgia {

at::Tensor normalised(
    const BatchView& batch, const Preprocess& preprocess, at::ScalarType type, at::Device device) {
    at::Tensor input = at::empty(
        {batch.count, preprocess.channels, preprocess.height, preprocess.width},
        at::TensorOptions(type).memory_format(at::MemoryFormat::ChannelsLast));
    const std::span bytes(
        batch.pixels, static_cast<std::size_t>(batch.count) * preprocess.row_bytes());
    if (type == at::kBFloat16)
        normalise(
            bytes,
            preprocess,
            {reinterpret_cast<std::uint16_t*>(input.data_ptr<at::BFloat16>()), bytes.size()});
    else
        normalise(bytes, preprocess, {input.data_ptr<float>(), bytes.size()});
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
