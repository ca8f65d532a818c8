#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>

namespace georgia {

/// MurmurHash3 for x64, 128 bits (A. Appleby, public domain), seed 0, fed in pieces. Several times
/// as fast as SHA-256; for telling pixels apart, not for defence against someone who wants two
/// pictures to look alike.
class Hash128 {
  public:
    void update(std::span<const std::uint8_t> bytes);

    /// 32 lower-case hexadecimal digits; the object is used up.
    std::string hex_digest();

  private:
    void absorb(const std::uint8_t* block);

    std::uint64_t first_ = 0;
    std::uint64_t second_ = 0;
    std::uint64_t length_ = 0;
    std::array<std::uint8_t, 16> pending_{};
};

}  // namespace georgia
