#pragma once

#include <cstdint>
#include <span>

namespace georgia {

/// CRC-32 as PNG and zlib use it (ISO 3309, reflected polynomial 0xEDB88320).
std::uint32_t crc32(std::span<const std::uint8_t> bytes);

}  // namespace georgia
