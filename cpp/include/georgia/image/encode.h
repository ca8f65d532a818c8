#pragma once

#include <cstdint>
#include <vector>

#include "georgia/image/image.h"

namespace georgia {

/// Stored form to PNG bytes.
std::vector<std::uint8_t> encode_png(const Image& image);

/// Stored form to JPEG bytes, quality 1 to 100; alpha is left out.
std::vector<std::uint8_t> encode_jpeg(const Image& image, int quality);

}  // namespace georgia
