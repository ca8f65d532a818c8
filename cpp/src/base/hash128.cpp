#include "georgia/base/hash128.h"

#include <algorithm>
#include <bit>
#include <cstring>

namespace georgia {
namespace {

constexpr std::uint64_t kFirst = 0x87c37b91114253d5;
constexpr std::uint64_t kSecond = 0x4cf5ad432745937f;
constexpr std::size_t kBlock = 16;

std::uint64_t word_at(const std::uint8_t* bytes) {
    std::uint64_t word = 0;
    std::memcpy(&word, bytes, sizeof(word));
    return word;
}

std::uint64_t spread_first(std::uint64_t word) {
    return std::rotl(word * kFirst, 31) * kSecond;
}

std::uint64_t spread_second(std::uint64_t word) {
    return std::rotl(word * kSecond, 33) * kFirst;
}

std::uint64_t finished(std::uint64_t value) {
    value = (value ^ (value >> 33)) * 0xff51afd7ed558ccd;
    value = (value ^ (value >> 33)) * 0xc4ceb9fe1a85ec53;
    return value ^ (value >> 33);
}

}  // namespace

void Hash128::absorb(const std::uint8_t* block) {
    first_ ^= spread_first(word_at(block));
    first_ = (std::rotl(first_, 27) + second_) * 5 + 0x52dce729;
    second_ ^= spread_second(word_at(block + 8));
    second_ = (std::rotl(second_, 31) + first_) * 5 + 0x38495ab5;
}

void Hash128::update(std::span<const std::uint8_t> bytes) {
    const std::size_t filled = length_ % kBlock;
    length_ += bytes.size();
    if (filled > 0) {
        const std::size_t taken = std::min(bytes.size(), kBlock - filled);
        std::memcpy(pending_.data() + filled, bytes.data(), taken);
        bytes = bytes.subspan(taken);
        if (filled + taken < kBlock) return;
        absorb(pending_.data());
    }
    for (; bytes.size() >= kBlock; bytes = bytes.subspan(kBlock)) absorb(bytes.data());
    std::ranges::copy(bytes, pending_.begin());
}

std::string Hash128::hex_digest() {
    const std::size_t filled = length_ % kBlock;
    std::fill(pending_.begin() + static_cast<std::ptrdiff_t>(filled), pending_.end(), 0);
    if (filled > 8) second_ ^= spread_second(word_at(pending_.data() + 8));
    if (filled > 0) first_ ^= spread_first(word_at(pending_.data()));
    first_ ^= length_;
    second_ ^= length_;
    first_ += second_;
    second_ += first_;
    first_ = finished(first_);
    second_ = finished(second_);
    first_ += second_;
    second_ += first_;

    constexpr const char* kDigits = "0123456789abcdef";
    std::string text;
    for (const std::uint64_t word : {first_, second_})
        for (int shift = 60; shift >= 0; shift -= 4) text += kDigits[(word >> shift) & 15];
    return text;
}

}  // namespace georgia
