#pragma once

#include "image/header.h"

namespace georgia {

/// Decompressed by libtiff, where any error or missing byte is a refusal; samples are laid out
/// here. Gray, RGB (palettes and CMYK too) or RGBA.
Image decode_tiff(
    ByteSpan bytes, std::string_view subject, const ImageHeader& header, const DepthRange& depth);

}  // namespace georgia
