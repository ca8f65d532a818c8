#include "georgia/nn/precision.h"

#include <ATen/ATen.h>
#include <ATen/Context.h>
#include <ATen/Parallel.h>
#include <atomic>
#include <charconv>
#include <iomanip>
#include <sstream>

#include "georgia/base/error.h"
#include "georgia/base/machine.h"
#include "georgia/base/threads.h"
#include "georgia/nn/precision_probe.h"

#include "nn/block_cache.h"

namespace georgia {
namespace {

std::atomic<bool> session_is_open = false;

c10::Device resolve_device(const std::string& wanted) {
    if (wanted == "cpu") return {c10::kCPU};
    const int devices =
        at::hasCUDA() ? static_cast<int>(at::detail::getCUDAHooks().deviceCount()) : 0;
    if (wanted == "auto") return devices > 0 ? c10::Device(c10::kCUDA, 0) : c10::Device(c10::kCPU);
    int index = wanted == "cuda" ? 0 : -1;
    if (wanted.starts_with("cuda:")) {
        const char* end = wanted.data() + wanted.size();
        const auto [parsed, error] = std::from_chars(wanted.data() + 5, end, index);
        if (parsed != end || error != std::errc()) index = -1;
    }
    if (index < 0)
        throw InvalidOption(
            "options", "device", "unknown name", "auto, cpu, cuda or cuda:N", wanted);
    if (index >= devices)
        throw InvalidOption(
            "options",
            "device",
            "no such device",
            devices == 0 ? "cpu, because torch sees no CUDA device here"
                         : "cuda:0 to cuda:" + std::to_string(devices - 1),
            wanted);
    return {c10::kCUDA, static_cast<c10::DeviceIndex>(index)};
}

/// Without instructions for it bfloat16 is imitated, which needs no measuring.
bool processor_multiplies() {
    const CpuFeatures cpu = cpu_features();
    return cpu.avx512_bf16 || cpu.amx_bf16;
}

bool processor_gains() {
    constexpr double kWorthIt = 1.1;  // times as fast: less would not pay for the lost digits
    return processor_multiplies() && probe_precision().gain() > kWorthIt;
}

}  // namespace

Compute resolve_compute(const std::string& device, PrecisionRequest precision) {
    Compute compute{resolve_device(device)};
    if (precision == PrecisionRequest::kAuto) {
        const bool gains = compute.device.is_cuda() || processor_gains();
        compute.precision = gains ? Precision::kBfloat16 : Precision::kFloat32;
    } else if (precision == PrecisionRequest::kBfloat16) {
        compute.precision = Precision::kBfloat16;
    }
    return compute;
}

std::string reason_for(const Compute& compute) {
    if (!compute.device.is_cpu()) return "a GPU is made for it";
    if (!processor_multiplies()) return "this processor has no instructions for bfloat16";
    std::ostringstream text;
    text << "bfloat16 convolutions are " << std::setprecision(2) << probe_precision().gain()
         << " times as fast as float32's here";
    return text.str();
}

struct ComputeSession::Saved {
    int threads = at::get_num_threads();
    bool deterministic = at::globalContext().deterministicAlgorithms();
    bool deterministic_warn_only = at::globalContext().deterministicAlgorithmsWarnOnly();
    bool deterministic_fill = at::globalContext().deterministicFillUninitializedMemory();
    BlockCache cache;
};

ComputeSession::ComputeSession(int threads) : threads_(threads > 0 ? threads : usable_cores()) {
    require_compute_threads("train");
    if (session_is_open.exchange(true))
        throw InvalidOption(
            "train",
            "",
            "another training runs in this process; wait for it or use a second process");
    saved_ = std::make_unique<Saved>();
    at::set_num_threads(threads_);
    at::globalContext().setDeterministicAlgorithms(true, /*warn_only=*/true);
    // Filling new memory is a debugging aid of deterministic mode; it costs and we read nothing of
    // it.
    at::globalContext().setDeterministicFillUninitializedMemory(false);
    at::globalContext().setFlushDenormal(true);
}

ComputeSession::~ComputeSession() {
    at::globalContext().setFlushDenormal(false);
    at::globalContext().setDeterministicFillUninitializedMemory(saved_->deterministic_fill);
    at::globalContext().setDeterministicAlgorithms(
        saved_->deterministic, saved_->deterministic_warn_only);
    at::set_num_threads(saved_->threads);
    saved_.reset();
    session_is_open = false;
}

}  // namespace georgia
