#include "georgia/image/normalise.h"

#include <array>
#include <bit>
#include <cstddef>
#include <utility>

#include "image/normalise_builds.h"

// See Note [One source, three builds].

namespace georgia {
namespace {

/// Numbers done at once: whole pixels of 1, 3 and 4 channels, and whole vectors.
constexpr std::size_t kLanes = 48;

/// What a byte is multiplied by, and what is added then; in float64, so that the only rounding to
/// be seen is that to the value's type.
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
GEORGIA_INLINE void run(
    std::span<const std::uint8_t> bytes, const Preprocess& preprocess, Value* values) {
    const Lanes lanes(preprocess);
    const auto one = [&](std::size_t i, std::size_t lane) {
        store(static_cast<float>(bytes[i] * lanes.factor[lane] + lanes.shift[lane]), values[i]);
    };
    std::size_t i = 0;
    for (; i + kLanes <= bytes.size(); i += kLanes)
        for (std::size_t lane = 0; lane < kLanes; ++lane) one(i + lane, lane);
    for (std::size_t lane = 0; i < bytes.size(); ++i, ++lane) one(i, lane);
}

template <class Value>
void run_plain(std::span<const std::uint8_t> bytes, const Preprocess& preprocess, Value* values) {
    run(bytes, preprocess, values);
}

template <class Value>
GEORGIA_AVX2 void run_avx2(
    std::span<const std::uint8_t> bytes, const Preprocess& preprocess, Value* values) {
    run(bytes, preprocess, values);
}

template <class Value>
GEORGIA_AVX512 void run_avx512(
    std::span<const std::uint8_t> bytes, const Preprocess& preprocess, Value* values) {
    run(bytes, preprocess, values);
}

template <class Value>
void normalise_as(
    std::span<const std::uint8_t> bytes, const Preprocess& preprocess, Value* values) {
    static const auto kFastest = normalise_builds<Value>().front();
    kFastest.run(bytes, preprocess, values);
    const auto channels = static_cast<std::size_t>(preprocess.channels);
    if (preprocess.order == ChannelOrder::kBgr && channels >= 3)
        for (std::size_t i = 0; i < bytes.size(); i += channels)
            std::swap(values[i], values[i + 2]);
}

}  // namespace

template <class Value>
std::vector<Build<Normalise<Value>>> normalise_builds() {
    return usable_builds<Normalise<Value>>(run_avx512<Value>, run_avx2<Value>, run_plain<Value>);
}

template std::vector<Build<Normalise<float>>> normalise_builds();
template std::vector<Build<Normalise<std::uint16_t>>> normalise_builds();

void normalise(
    std::span<const std::uint8_t> bytes, const Preprocess& preprocess, std::span<float> values) {
    normalise_as(bytes, preprocess, values.data());
}

void normalise(
    std::span<const std::uint8_t> bytes,
    const Preprocess& preprocess,
    std::span<std::uint16_t> values) {
    normalise_as(bytes, preprocess, values.data());
}

}  // namespace georgia
