#pragma once

#include <array>
#include <c10/core/Device.h>
#include <c10/core/ScalarType.h>
#include <memory>
#include <string>

#include "georgia/base/options.h"

namespace georgia {

/// What the user asks for.
enum class PrecisionRequest { kAuto, kFloat32, kBfloat16 };
template <>
struct EnumNames<PrecisionRequest> {
    static constexpr std::array<std::string_view, 3> kNames{"auto", "float32", "bfloat16"};
};

/// What the core computes in: another type than the request, so nobody meets an unresolved value.
enum class Precision { kFloat32, kBfloat16 };
template <>
struct EnumNames<Precision> {
    static constexpr std::array<std::string_view, 2> kNames{"float32", "bfloat16"};
};

/// Where and in which type a run computes; resolved once, stored with the run, read back.
struct Compute {
    c10::Device device{c10::kCPU};
    Precision precision = Precision::kFloat32;

    c10::ScalarType type() const {
        return precision == Precision::kBfloat16 ? c10::kBFloat16 : c10::kFloat;
    }
};

/// "auto", "cpu", "cuda" or "cuda:N" to a device that is there. auto takes bfloat16 on CUDA, and
/// where the processor has instructions for it (AVX-512 BF16, AMX) and is measured to gain by them.
Compute resolve_compute(const std::string& device, PrecisionRequest precision);

/// Why `auto` came to that precision, in words.
std::string reason_for(const Compute& compute);

/// Settings of the whole process for the time of one training: number of compute threads, tiny
/// numbers flushed to zero, deterministic kernels, and an allocator that keeps freed blocks.
/// The destructor restores them. A second one at the same time is refused.
class ComputeSession {
  public:
    explicit ComputeSession(int threads);  ///< 0: every usable core
    ~ComputeSession();
    ComputeSession(const ComputeSession&) = delete;
    ComputeSession& operator=(const ComputeSession&) = delete;

    int threads() const {
        return threads_;
    }

  private:
    struct Saved;
    int threads_;
    std::unique_ptr<Saved> saved_;
};

}  // namespace georgia
