#include "image/warp_bilinear.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstring>

// See Note [One source, three builds].

namespace georgia {
namespace {

constexpr std::size_t kStrip = 64;  ///< pixels worked on at once: all they need stays in the cache
constexpr int kFraction = 16;       ///< bits of a coordinate behind the point
constexpr int kShareBits = 15;      ///< of the share that a neighbour has
constexpr int kValueBits = 7;       ///< behind the point of a sample while it is blended
constexpr double kOne = 1 << kFraction;

/// What a strip of the target sees: samples of four neighbours, and where between them. A pixel
/// of three channels takes four places, the last of which nobody reads.
template <std::size_t kPlaces>
struct Strip {
    template <class Value>
    using Samples = std::array<Value, kPlaces * kStrip>;

    alignas(64) Samples<std::uint8_t> upper_left;
    alignas(64) Samples<std::uint8_t> upper_right;
    alignas(64) Samples<std::uint8_t> lower_left;
    alignas(64) Samples<std::uint8_t> lower_right;
    alignas(64) Samples<std::int16_t> to_right;  // in 1 / 32768 of a pixel
    alignas(64) Samples<std::int16_t> to_lower;
    alignas(64) Samples<std::uint8_t> blended;
    alignas(64) std::array<double, kStrip> at;  // coordinates along one axis
    alignas(64) std::array<std::int32_t, kStrip> x;
    alignas(64) std::array<std::int32_t, kStrip> y;
    alignas(64) std::array<std::uint64_t, kStrip> offset;  // in bytes, of the upper left neighbour
    alignas(64) std::array<float, kStrip> coverage;        // shares that the source covers
};

/// How one axis of the source is walked along a row of the target.
struct Walk {
    double start = 0;  ///< source coordinate of the target's column 0
    double step = 0;   ///< per column
    int size = 0;      ///< of the source along that axis
};

/// Coordinates of a strip in 1 / 65536 of a pixel, kept inside the source: a pixel beyond an edge
/// shows the edge or, with reflection, what lies as far inside.
template <class Strip>
GEORGIA_INLINE void locate(
    const Walk& walk,
    int column,
    Border border,
    Strip& strip,
    std::array<std::int32_t, kStrip>& coordinates) {
    for (std::size_t i = 0; i < kStrip; ++i)
        strip.at[i] = walk.start + walk.step * (column + static_cast<int>(i));
    if (border == Border::kReflect) {
        const double period = 2.0 * walk.size;
        for (double& at : strip.at) {
            const double along = at + 0.5 - period * std::floor((at + 0.5) / period);
            at = std::min(along, period - along) - 0.5;
        }
    }
    if (border == Border::kConstant)
        for (std::size_t i = 0; i < kStrip; ++i) {
            const double inside = std::min(1 + strip.at[i], walk.size - strip.at[i]);
            strip.coverage[i] *= static_cast<float>(std::clamp(inside, 0.0, 1.0));
        }
    const double inmost = walk.size - 1 - 1 / kOne;  // a right neighbour is always there
    for (std::size_t i = 0; i < kStrip; ++i)
        coordinates[i] = static_cast<std::int32_t>(std::clamp(strip.at[i], 0.0, inmost) * kOne);
}

/// The share that a coordinate gives the farther neighbour, the same at each place of a pixel.
template <std::size_t kPlaces>
GEORGIA_INLINE void share_out(
    const std::array<std::int32_t, kStrip>& coordinates,
    std::array<std::int16_t, kPlaces * kStrip>& shares) {
    constexpr std::uint32_t kBelowOne = (1u << kFraction) - 1;
    for (std::size_t i = 0; i < kStrip; ++i) {
        const auto behind_point = static_cast<std::uint32_t>(coordinates[i]) & kBelowOne;
        const std::uint64_t share = behind_point >> (kFraction - kShareBits);
        const std::uint64_t twice = share | share << 16;
        const std::uint64_t all = twice | twice << 32;
        std::memcpy(&shares[kPlaces * i], &all, kPlaces * sizeof(std::int16_t));
    }
}

/// The pixel right of one. Three channels are read with the byte before them, so that nothing
/// behind the image is touched.
template <int kChannels, std::size_t kPlaces>
GEORGIA_INLINE void copy_right(const std::uint8_t* from, std::uint8_t* to) {
    if constexpr (kChannels == 3) {
        std::uint32_t word = 0;
        std::memcpy(&word, from + kChannels - 1, sizeof(word));
        word >>= 8;
        std::memcpy(to, &word, sizeof(word));
    } else {
        std::memcpy(to, from + kChannels, kPlaces);
    }
}

template <int kChannels, std::size_t kPlaces>
GEORGIA_INLINE void gather(const Image& source, Strip<kPlaces>& strip) {
    const auto row = static_cast<std::uint32_t>(source.width * kChannels);
    for (std::size_t i = 0; i < kStrip; ++i) {
        const auto x = static_cast<std::uint32_t>(strip.x[i] >> kFraction);
        const auto y = static_cast<std::uint32_t>(strip.y[i] >> kFraction);
        strip.offset[i] = std::uint64_t{y} * row + std::uint64_t{x} * kChannels;
    }
    for (std::size_t i = 0; i < kStrip; ++i) {
        const std::uint8_t* upper = source.pixels.data() + strip.offset[i];
        const std::uint8_t* lower = upper + row;
        const std::size_t place = kPlaces * i;
        std::memcpy(&strip.upper_left[place], upper, kPlaces);
        std::memcpy(&strip.lower_left[place], lower, kPlaces);
        copy_right<kChannels, kPlaces>(upper, &strip.upper_right[place]);
        copy_right<kChannels, kPlaces>(lower, &strip.lower_right[place]);
    }
}

/// a + (b - a) share / 32768, rounded; in the form that compilers know as one instruction.
GEORGIA_INLINE std::int16_t between(std::int16_t a, std::int16_t b, std::int16_t share) {
    const auto difference = static_cast<std::int16_t>(b - a);
    const int part = ((difference * share >> (kShareBits - 1)) + 1) >> 1;
    return static_cast<std::int16_t>(a + static_cast<std::int16_t>(part));
}

template <std::size_t kPlaces>
GEORGIA_INLINE void blend(Strip<kPlaces>& strip) {
    const auto widen = [](std::uint8_t value) {
        return static_cast<std::int16_t>(value << kValueBits);
    };
    for (std::size_t i = 0; i < kPlaces * kStrip; ++i) {
        const std::int16_t share = strip.to_right[i];
        const auto upper = between(widen(strip.upper_left[i]), widen(strip.upper_right[i]), share);
        const auto lower = between(widen(strip.lower_left[i]), widen(strip.lower_right[i]), share);
        const int value = between(upper, lower, strip.to_lower[i]) + (1 << (kValueBits - 1));
        strip.blended[i] = static_cast<std::uint8_t>(value >> kValueBits);
    }
}

/// Mixes in the constant that lies around the source.
template <std::size_t kPlaces>
GEORGIA_INLINE void mix_in(float fill, Strip<kPlaces>& strip) {
    for (std::size_t i = 0; i < kPlaces * kStrip; ++i) {
        const float value = strip.blended[i];
        const float mixed = fill + strip.coverage[i / kPlaces] * (value - fill);
        strip.blended[i] = static_cast<std::uint8_t>(mixed + 0.5f);
    }
}

/// Three of four places a pixel; each but the last may be written with its fourth, which the next
/// one covers.
template <int kChannels, std::size_t kPlaces>
GEORGIA_INLINE void write(const Strip<kPlaces>& strip, std::size_t count, std::uint8_t* target) {
    for (std::size_t i = 0; i + 1 < count; ++i)
        std::memcpy(target + i * kChannels, &strip.blended[i * kPlaces], kPlaces);
    const std::size_t last = count - 1;
    std::memcpy(target + last * kChannels, &strip.blended[last * kPlaces], kChannels);
}

template <int kChannels>
GEORGIA_INLINE void fill_frame(const BilinearWarp& warp, std::uint8_t* target) {
    constexpr std::size_t kPlaces = kChannels == 1 ? 1 : 4;
    Strip<kPlaces> strip;
    const auto& m = warp.to_source.m;
    for (int row = 0; row < warp.frame.height; ++row) {
        const Walk x{m[1] * row + m[2], m[0], warp.source.width};
        const Walk y{m[4] * row + m[5], m[3], warp.source.height};
        for (int column = 0; column < warp.frame.width; column += static_cast<int>(kStrip)) {
            strip.coverage.fill(1);
            locate(x, column, warp.border, strip, strip.x);
            locate(y, column, warp.border, strip, strip.y);
            gather<kChannels>(warp.source, strip);
            share_out<kPlaces>(strip.x, strip.to_right);
            share_out<kPlaces>(strip.y, strip.to_lower);
            blend(strip);
            if (warp.border == Border::kConstant) mix_in(static_cast<float>(warp.fill), strip);
            const auto left = static_cast<std::size_t>(warp.frame.width - column);
            const std::size_t count = std::min(kStrip, left);
            write<kChannels>(strip, count, target);
            target += count * kChannels;
        }
    }
}

GEORGIA_INLINE void fill_any(const BilinearWarp& warp, std::uint8_t* target) {
    if (warp.source.channels == 1) return fill_frame<1>(warp, target);
    if (warp.source.channels == 3) return fill_frame<3>(warp, target);
    fill_frame<4>(warp, target);
}

void fill_plain(const BilinearWarp& warp, std::uint8_t* target) {
    fill_any(warp, target);
}

GEORGIA_AVX2 void fill_avx2(const BilinearWarp& warp, std::uint8_t* target) {
    fill_any(warp, target);
}

GEORGIA_AVX512 void fill_avx512(const BilinearWarp& warp, std::uint8_t* target) {
    fill_any(warp, target);
}

}  // namespace

std::vector<WarpBuild> warp_builds() {
    return usable_builds(fill_avx512, fill_avx2, fill_plain);
}

}  // namespace georgia
