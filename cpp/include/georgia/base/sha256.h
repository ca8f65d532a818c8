#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>

namespace georgia {

/// SHA-256 (FIPS 180-4), fed in pieces.
class Sha256 {
  public:
    void update(std::span<const std::uint8_t> bytes);

    /// 64 lower-case hexadecimal digits; the object is used up.
    std::string hex_digest();

  private:
    /// Whole blocks of 64 bytes.
    void absorb(const std::uint8_t* blocks, std::size_t count);

    std::array<std::uint32_t, 8> state_{
        0x6a09e667,
        0xbb67ae85,
        0x3c6ef372,
        0xa54ff53a,
        0x510e527f,
        0x9b05688c,
        0x1f83d9ab,
        0x5be0cd19};
    std::array<std::uint8_t, 64> pending_{};
    std::uint64_t length_ = 0;
};

std::string sha256_hex(std::span<const std::uint8_t> bytes);

}  // namespace georgia
