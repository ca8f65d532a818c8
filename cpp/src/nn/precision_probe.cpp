#include "georgia/nn/precision_probe.h"

#include <ATen/ATen.h>
#include <algorithm>
#include <c10/core/GradMode.h>
#include <chrono>
#include <limits>

#include "georgia/base/threads.h"

namespace georgia {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::chrono::milliseconds kBudget{100};

/// A convolution from the middle of a ResNet, for a few images.
struct Convolution {
    static constexpr std::int64_t kImages = 4;
    static constexpr std::int64_t kChannels = 128;
    static constexpr std::int64_t kSide = 28;
    static constexpr std::int64_t kKernel = 3;
    static constexpr double kOperations =
        2.0 * kImages * kSide * kSide * kChannels * kChannels * kKernel * kKernel;

    explicit Convolution(at::ScalarType type)
        : input(
              at::ones({kImages, kChannels, kSide, kSide}, type)
                  .contiguous(at::MemoryFormat::ChannelsLast)),
          weight(
              at::ones({kChannels, kChannels, kKernel, kKernel}, type)
                  .contiguous(at::MemoryFormat::ChannelsLast)) {
        at::conv2d(input, weight, {}, 1, 1);  // the first one chooses its kernel
    }

    double seconds() const {
        const Clock::time_point start = Clock::now();
        at::conv2d(input, weight, {}, 1, 1);
        return std::chrono::duration<double>(Clock::now() - start).count();
    }

    at::Tensor input;
    at::Tensor weight;
};

PrecisionProbe measure() {
    require_compute_threads("options");
    const c10::AutoGradMode no_gradients(false);
    const Clock::time_point end = Clock::now() + kBudget;
    const Convolution whole(at::kFloat);
    const Convolution half(at::kBFloat16);
    double float32 = std::numeric_limits<double>::infinity();
    double bfloat16 = float32;
    do {  // in turn, so that a busy moment meets both
        float32 = std::min(float32, whole.seconds());
        bfloat16 = std::min(bfloat16, half.seconds());
    } while (Clock::now() < end);
    return {Convolution::kOperations / float32, Convolution::kOperations / bfloat16};
}

}  // namespace

const PrecisionProbe& probe_precision() {
    static const PrecisionProbe probe = measure();
    return probe;
}

}  // namespace georgia
