#pragma once

#include "image/header.h"

namespace georgia {

/// Strict: whatever libjpeg-turbo would warn of and patch is refused. Gray, RGB, or CMYK turned to
/// RGB.
/// reduction, 1, 2, 4 or 8: each side is that many times smaller, rounded up.
Image decode_jpeg(
    ByteSpan bytes, std::string_view subject, const ImageHeader& header, int reduction);

}  // namespace georgia
