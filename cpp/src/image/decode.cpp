#include "georgia/image/decode.h"

#include <opencv2/imgcodecs.hpp>
#include <opencv2/imgproc.hpp>

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

Image decode_pixels(
    ByteSpan bytes, std::string_view subject, const ImageHeader& header, const DepthRange& depth) {
    switch (header.format) {
        case Format::kPng:
            return decode_png(bytes, subject, header, depth);
        case Format::kJpeg:
            return decode_jpeg(bytes, subject, header);
        case Format::kBmp:
            return decode_bmp(bytes, subject, header);
        case Format::kTiff:
            return decode_tiff(bytes, subject, header, depth);
    }
    throw InternalError("read_image", subject, "a format without a decoder");
}

}  // namespace

Decoded decode(
    ByteSpan bytes, std::string_view subject, const DecodeLimits& limits, const DepthRange& depth) {
    Decoded decoded{check_header(bytes, subject, limits), {}};
    const ImageHeader& header = decoded.header;
    decoded.image = decode_pixels(bytes, subject, header, depth);
    if (header.orientation != 1)
        decoded.image = turned(decoded.image, turn_of_exif(header.orientation));
    return decoded;
}

Image decode_file(const std::string& path, const DecodeLimits& limits, const DepthRange& depth) {
    const Bytes bytes = read_file(path, static_cast<std::size_t>(limits.max_bytes));
    return decode(bytes, path, limits, depth).image;
}

std::vector<std::uint8_t> encode_png(const Image& image) {
    cv::Mat ordered;  // as OpenCV wants it: BGR
    if (image.channels == 1) ordered = mat_of(image);
    if (image.channels == 3) cv::cvtColor(mat_of(image), ordered, cv::COLOR_RGB2BGR);
    if (image.channels == 4) cv::cvtColor(mat_of(image), ordered, cv::COLOR_RGBA2BGRA);
    std::vector<std::uint8_t> bytes;
    if (!cv::imencode(".png", ordered, bytes))
        throw InternalError("encode_png", "", "OpenCV refused an image of ours");
    return bytes;
}

}  // namespace georgia
