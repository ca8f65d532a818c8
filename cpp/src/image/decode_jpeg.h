#pragma once

#include "image/header.h"

namespace georgia {

/// Strict: whatever libjpeg-turbo would warn of and patch is refused. Gray, RGB, or CMYK turned to
/// RGB.
Image decode_jpeg(ByteSpan bytes, std::string_view subject, const ImageHeader& header);

}  // namespace georgia
