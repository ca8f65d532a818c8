#pragma once

#include <array>
#include <memory>
#include <tiffio.h>

#include "image/header.h"

namespace georgia {

/// The file in memory as libtiff reads it, and the first error it told.
struct TiffSource {
    ByteSpan bytes;
    std::uint64_t at = 0;
    std::array<char, 200> error{};
};

struct CloseTiff {
    void operator()(TIFF* tiff) const {
        TIFFClose(tiff);
    }
};
using TiffFile = std::unique_ptr<TIFF, CloseTiff>;

/// Null where libtiff refuses it; the source keeps the reason. Nothing is printed.
TiffFile open_tiff(TiffSource& source);

}  // namespace georgia
