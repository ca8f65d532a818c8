#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

namespace georgia {

/// The constants of the 64 rounds.
extern const std::array<std::uint32_t, 64> kSha256Round;

/// Whole blocks of 64 bytes.
void absorb_plainly(
    std::array<std::uint32_t, 8>& state, const std::uint8_t* blocks, std::size_t count);

/// True where the processor has instructions for SHA-256, which are five times as fast.
bool has_sha256_instructions();

/// The same through those instructions.
void absorb_by_instructions(
    std::array<std::uint32_t, 8>& state, const std::uint8_t* blocks, std::size_t count);

}  // namespace georgia
