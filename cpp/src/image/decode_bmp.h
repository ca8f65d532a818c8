#pragma once

#include "image/header.h"

namespace georgia {

/// Uncompressed pixels of 1 to 32 bits, with a palette or masks, to gray, RGB or RGBA.
Image decode_bmp(ByteSpan bytes, std::string_view subject, const ImageHeader& header);

}  // namespace georgia
