#include "georgia/base/random.h"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace georgia {

std::array<std::uint32_t, 4> philox4x32(
    std::array<std::uint32_t, 4> counter, std::array<std::uint32_t, 2> key) {
    constexpr std::uint64_t kMultiplier0 = 0xD2511F53;
    constexpr std::uint64_t kMultiplier1 = 0xCD9E8D57;
    for (int round = 0; round < 10; ++round) {
        const std::uint64_t product0 = kMultiplier0 * counter[0];
        const std::uint64_t product1 = kMultiplier1 * counter[2];
        counter = {
            static_cast<std::uint32_t>(product1 >> 32) ^ counter[1] ^ key[0],
            static_cast<std::uint32_t>(product1),
            static_cast<std::uint32_t>(product0 >> 32) ^ counter[3] ^ key[1],
            static_cast<std::uint32_t>(product0)};
        key[0] += 0x9E3779B9;
        key[1] += 0xBB67AE85;
    }
    return counter;
}

std::array<std::uint32_t, 4> RandomStream::next_block() {
    return philox4x32(
        {block_++, key_.item, key_.epoch, static_cast<std::uint32_t>(key_.purpose)},
        {static_cast<std::uint32_t>(key_.seed), static_cast<std::uint32_t>(key_.seed >> 32)});
}

std::uint32_t RandomStream::next() {
    if (used_ == words_.size()) {
        words_ = next_block();
        used_ = 0;
    }
    return words_[used_++];
}

void RandomStream::fill(std::span<std::uint32_t> words) {
    while (!words.empty() && used_ < words_.size()) {
        words.front() = next();
        words = words.subspan(1);
    }
    for (; words.size() >= words_.size(); words = words.subspan(words_.size()))
        std::ranges::copy(next_block(), words.begin());
    for (std::uint32_t& word : words) word = next();
}

double RandomStream::uniform() {
    const std::uint64_t high = next() >> 5;
    const std::uint64_t low = next() >> 6;
    return static_cast<double>((high << 26) | low) * 0x1p-53;
}

double RandomStream::uniform(double low, double high) {
    return low + (high - low) * uniform();
}

std::uint32_t RandomStream::below(std::uint32_t bound) {
    // Lemire's multiplication; the few values that would favour small results are drawn again.
    const std::uint32_t unfair = (0U - bound) % bound;
    std::uint64_t product = std::uint64_t{next()} * bound;
    while (static_cast<std::uint32_t>(product) < unfair) product = std::uint64_t{next()} * bound;
    return static_cast<std::uint32_t>(product >> 32);
}

double RandomStream::normal() {
    const double radius = std::sqrt(-2.0 * std::log1p(-uniform()));
    return radius * std::cos(2.0 * std::numbers::pi * uniform());
}

}  // namespace georgia
