#include "georgia/image/normalise.h"

#include <array>
#include <bit>
#include <cstddef>
#include <utility>

#define GEORGIA_INLINE [[gnu::always_inline]] inline

namespace georgia {
namespace {

/// Numbers done at once: whole pixels of 1, 3 and 4 channels, and whole vectors.
constexpr std::size_t kLanes = 48;

/// What a byte is multiplied by, and what is added then. In float64, so that a value is rounded
/// once, as a table of the formula would be.
struct Lanes {
    alignas(64) std::array<double, kLanes> factor;
    alignas(64) std::array<double, kLanes> shift;

    explicit Lanes(const Preprocess& preprocess) {
        const auto channels = static_cast<std::size_t>(preprocess.channels);
        for (std::size_t i = 0; i < kLanes; ++i) {
            const double deviation = preprocess.deviation[i % channels];
            factor[i] = 1 / (255 * deviation);
            shift[i] = -preprocess.mean[i % channels] / deviation;
        }
    }
};

GEORGIA_INLINE void store(float value, float& target) {
    target = value;
}

/// To the nearest, halves to even; values are finite.
GEORGIA_INLINE void store(float value, std::uint16_t& target) {
    const auto bits = std::bit_cast<std::uint32_t>(value);
    target = static_cast<std::uint16_t>((bits + 0x7FFF + (bits >> 16 & 1)) >> 16);
}

template <class Value>
GEORGIA_INLINE void run(std::span<const std::uint8_t> bytes, const Lanes& lanes, Value* values) {
    const auto one = [&](std::size_t i, std::size_t lane) {
        store(static_cast<float>(bytes[i] * lanes.factor[lane] + lanes.shift[lane]), values[i]);
    };
    std::size_t i = 0;
    for (; i + kLanes <= bytes.size(); i += kLanes)
        for (std::size_t lane = 0; lane < kLanes; ++lane) one(i + lane, lane);
    for (std::size_t lane = 0; i < bytes.size(); ++i, ++lane) one(i, lane);
}

// One source, built for several processors; without fused multiply-adds all give the same.
template <class Value>
void run_plain(std::span<const std::uint8_t> bytes, const Lanes& lanes, Value* values) {
    run(bytes, lanes, values);
}

template <class Value>
[[gnu::target("avx2")]] void run_avx2(
    std::span<const std::uint8_t> bytes, const Lanes& lanes, Value* values) {
    run(bytes, lanes, values);
}

template <class Value>
[[gnu::target("avx512bw,avx512dq")]] void run_avx512(
    std::span<const std::uint8_t> bytes, const Lanes& lanes, Value* values) {
    run(bytes, lanes, values);
}

template <class Value>
void normalise_as(
    std::span<const std::uint8_t> bytes, const Preprocess& preprocess, Value* values) {
    const Lanes lanes(preprocess);
    if (__builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512dq"))
        run_avx512(bytes, lanes, values);
    else if (__builtin_cpu_supports("avx2"))
        run_avx2(bytes, lanes, values);
    else
        run_plain(bytes, lanes, values);
    const auto channels = static_cast<std::size_t>(preprocess.channels);
    if (preprocess.order == ChannelOrder::kBgr && channels >= 3)
        for (std::size_t i = 0; i < bytes.size(); i += channels)
            std::swap(values[i], values[i + 2]);
}

}  // namespace

void normalise(std::span<const std::uint8_t> bytes, const Preprocess& preprocess, float* values) {
    normalise_as(bytes, preprocess, values);
}

void normalise(
    std::span<const std::uint8_t> bytes, const Preprocess& preprocess, std::uint16_t* values) {
    normalise_as(bytes, preprocess, values);
}

}  // namespace georgia
