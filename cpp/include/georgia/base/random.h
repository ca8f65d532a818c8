#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <utility>
#include <vector>

namespace georgia {

/// Philox4x32-10 (Salmon et al., "Parallel random numbers: as easy as 1, 2, 3", SC 2011).
std::array<std::uint32_t, 4> philox4x32(
    std::array<std::uint32_t, 4> counter, std::array<std::uint32_t, 2> key);

/// What a random number is for, so that two uses never share one.
enum class Purpose : std::uint32_t {
    kOrder,
    kAugment,
    kSplit,
    kWeights,
    kSynthetic,
    kDropout,
    kMix,
    kNoise,
    kBootstrap,
    kOutliers,
    kProjection,
    kClusters
};

/// Names one stream of random numbers; equal keys give equal numbers on every machine.
struct RandomKey {
    std::uint64_t seed = 0;
    std::uint32_t epoch = 0;
    std::uint32_t item = 0;  ///< sample, step or tensor
    Purpose purpose = Purpose::kOrder;
};

/// The numbers of one key, in order. A value: copying it copies its place.
class RandomStream {
  public:
    explicit RandomStream(const RandomKey& key) : key_(key) {}

    std::uint32_t next();

    /// The next numbers at once, the same as by next() and several times as fast.
    void fill(std::span<std::uint32_t> words);

    /// Uniform in [0, 1), 53 bits.
    double uniform();
    double uniform(double low, double high);

    /// Uniform in [0, bound), without bias; bound at least 1.
    std::uint32_t below(std::uint32_t bound);

    /// Standard normal (Box and Muller).
    double normal();

    bool chance(double probability) {
        return uniform() < probability;
    }

    /// Fisher and Yates.
    template <class T>
    void shuffle(std::vector<T>& values) {
        for (std::size_t i = values.size(); i > 1; --i)
            std::swap(values[i - 1], values[below(static_cast<std::uint32_t>(i))]);
    }

  private:
    std::array<std::uint32_t, 4> next_block();

    RandomKey key_;
    std::uint32_t block_ = 0;
    std::array<std::uint32_t, 4> words_{};
    unsigned used_ = 4;
};

}  // namespace georgia
