#include "georgia/base/sha256.h"

#include <algorithm>

#include "base/sha256_blocks.h"

namespace georgia {

void Sha256::absorb(const std::uint8_t* blocks, std::size_t count) {
    static const bool has_instructions = has_sha256_instructions();
    if (has_instructions) return absorb_by_instructions(state_, blocks, count);
    absorb_plainly(state_, blocks, count);
}

void Sha256::update(std::span<const std::uint8_t> bytes) {
    std::size_t filled = length_ % 64;
    length_ += bytes.size();
    if (filled > 0) {
        const std::size_t taken = std::min(bytes.size(), 64 - filled);
        std::copy_n(bytes.begin(), taken, pending_.begin() + static_cast<std::ptrdiff_t>(filled));
        bytes = bytes.subspan(taken);
        filled += taken;
        if (filled < 64) return;
        absorb(pending_.data(), 1);
    }
    const std::size_t whole = bytes.size() / 64;
    absorb(bytes.data(), whole);
    std::ranges::copy(bytes.subspan(64 * whole), pending_.begin());
}

std::string Sha256::hex_digest() {
    const std::uint64_t bits = length_ * 8;
    constexpr std::array<std::uint8_t, 64> kPadding{0x80};
    const std::size_t filled = length_ % 64;
    update(std::span(kPadding).first(filled < 56 ? 56 - filled : 120 - filled));
    std::array<std::uint8_t, 8> tail{};
    for (std::size_t i = 0; i < 8; ++i) tail[i] = static_cast<std::uint8_t>(bits >> (56 - 8 * i));
    update(tail);

    constexpr const char* kDigits = "0123456789abcdef";
    std::string text;
    for (const std::uint32_t word : state_)
        for (int shift = 28; shift >= 0; shift -= 4) text += kDigits[(word >> shift) & 15];
    return text;
}

std::string sha256_hex(std::span<const std::uint8_t> bytes) {
    Sha256 hash;
    hash.update(bytes);
    return hash.hex_digest();
}

}  // namespace georgia
