#include "georgia/data/batch.h"

#include <ATen/ATen.h>

#include "catch.h"

using namespace georgia;

TEST_CASE("normalised equals its formula, in channels-last memory") {
    Preprocess preprocess;
    preprocess.height = 2;
    preprocess.width = 3;
    preprocess.mean = {0.1, 0.2, 0.3};
    preprocess.deviation = {0.5, 0.25, 2};
    std::vector<std::uint8_t> pixels(2 * 2 * 3 * 3);
    for (std::size_t i = 0; i < pixels.size(); ++i) pixels[i] = static_cast<std::uint8_t>(7 * i);
    BatchView batch;
    batch.count = 2;
    batch.pixels = pixels.data();
    const at::Tensor input = normalised(batch, preprocess, at::kFloat, at::kCPU);
    CHECK(input.is_contiguous(at::MemoryFormat::ChannelsLast));
    const at::Tensor bytes = at::from_blob(pixels.data(), {2, 2, 3, 3}, at::kByte);
    const at::Tensor expected = (bytes.to(at::kDouble).div(255) - at::tensor(preprocess.mean)) /
                                at::tensor(preprocess.deviation);
    // One rounding to float32 of numbers up to 3.2.
    CHECK((input.permute({0, 2, 3, 1}) - expected).abs().max().item<double>() < 2e-7);
    CHECK(
        at::equal(normalised(batch, preprocess, at::kBFloat16, at::kCPU), input.to(at::kBFloat16)));
}
