#pragma once

#include "image/header.h"

namespace georgia {

/// Inflated by libdeflate, which checks the data's own sum; filters, interlacing and depths are
/// ours. Gray, RGB or RGBA.
Image decode_png(
    ByteSpan bytes, std::string_view subject, const ImageHeader& header, const DepthRange& depth);

}  // namespace georgia
