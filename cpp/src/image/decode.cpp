#include "georgia/image/decode.h"

#include <opencv2/imgcodecs.hpp>
#include <opencv2/imgproc.hpp>
#include <utility>

#include "georgia/base/error.h"
#include "georgia/base/files.h"

#include "image/decode_bmp.h"
#include "image/decode_jpeg.h"
#include "image/decode_png.h"
#include "image/decode_tiff.h"
#include "image/header.h"
#include "image/mat.h"
#include "image/orientation.h"

namespace georgia {
namespace {

/// 1, 2, 4 or 8: as far as the JPEG decoder reduces on its own, and the frame does anyway.
int jpeg_reduction(const ImageHeader& header, const std::optional<ReducedFor>& wanted) {
    if (!wanted) return 1;
    FrameSize size{static_cast<int>(header.height), static_cast<int>(header.width)};
    if (header.orientation > 4) std::swap(size.height, size.width);  // it lies on its side
    const int k = box_reduction(size, wanted->frame, wanted->fit, wanted->interpolation);
    return k >= 8 ? 8 : k >= 4 ? 4 : k >= 2 ? 2 : 1;
}

Image decode_pixels(
    ByteSpan bytes,
    std::string_view subject,
    const ImageHeader& header,
    const DepthRange& depth,
    const std::optional<ReducedFor>& reduced_for) {
    switch (header.format) {
        case Format::kPng:
            return decode_png(bytes, subject, header, depth);
        case Format::kJpeg:
            return decode_jpeg(bytes, subject, header, jpeg_reduction(header, reduced_for));
        case Format::kBmp:
            return decode_bmp(bytes, subject, header);
        case Format::kTiff:
            return decode_tiff(bytes, subject, header, depth);
    }
    throw InternalError("read_image", subject, "a format without a decoder");
}

}  // namespace

Decoded decode(
    ByteSpan bytes,
    std::string_view subject,
    const DecodeLimits& limits,
    const DepthRange& depth,
    const std::optional<ReducedFor>& reduced_for) {
    Decoded decoded{check_header(bytes, subject, limits), {}};
    const ImageHeader& header = decoded.header;
    decoded.image = decode_pixels(bytes, subject, header, depth, reduced_for);
    if (header.orientation != 1)
        decoded.image = turned(decoded.image, turn_of_exif(header.orientation));
    return decoded;
}

Image decode_file(
    const std::string& path,
    const DecodeLimits& limits,
    const DepthRange& depth,
    const std::optional<ReducedFor>& reduced_for) {
    const Bytes bytes = read_file(path, static_cast<std::size_t>(limits.max_bytes));
    return decode(bytes, path, limits, depth, reduced_for).image;
}

}  // namespace georgia
