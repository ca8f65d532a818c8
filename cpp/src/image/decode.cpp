#include "georgia/image/decode.h"

#include <mutex>
#include <opencv2/imgcodecs.hpp>
#include <opencv2/imgproc.hpp>
#include <utility>

#include "georgia/base/error.h"
#include "georgia/base/files.h"

#include "image/decode_bmp.h"
#include "image/decode_jpeg.h"
#include "image/decode_tiff.h"
#include "image/header.h"
#include "image/mat.h"
#include "image/narrow.h"
#include "image/orientation.h"

namespace georgia {
namespace {

/// Depth and alpha are kept as the file has them; turning is left to us.
int imread_flags(const ImageHeader& header) {
    if (header.has_alpha) return cv::IMREAD_UNCHANGED;  // never turns, and alone keeps alpha
    const int colour = header.is_gray ? cv::IMREAD_GRAYSCALE : cv::IMREAD_COLOR_RGB;
    return colour | cv::IMREAD_ANYDEPTH | cv::IMREAD_IGNORE_ORIENTATION;
}

void keep_opencv_quiet() {
    static std::once_flag once;
    // Its warnings would land on the user's terminal; what matters is thrown below.
    std::call_once(once, [] {
        cv::setNumThreads(1);
        cv::redirectError([](int, const char*, const char*, const char*, int, void*) { return 0; });
    });
}

/// Sixteen bits to eight.
void narrow(const cv::Mat& wide, const DepthRange& depth, cv::Mat narrow_image) {
    const int samples = wide.cols * wide.channels();
    for (int y = 0; y < wide.rows; ++y) {
        const auto* from = wide.ptr<std::uint16_t>(y);
        auto* to = narrow_image.ptr<std::uint8_t>(y);
        for (int x = 0; x < samples; ++x) to[x] = narrowed(from[x], depth);
    }
}

Image to_stored_form(
    cv::Mat decoded, const ImageHeader& header, const DepthRange& depth, std::string_view subject) {
    const int channels = decoded.channels();
    if ((decoded.depth() != CV_8U && decoded.depth() != CV_16U) || channels == 2)
        refuse_image(subject, "of a sample type that is not read");
    // Asked for an unchanged image, OpenCV hands out its own order, with or without the alpha that
    // the header spoke of.
    if (channels == 4) cv::cvtColor(decoded, decoded, cv::COLOR_BGRA2RGBA);
    if (channels == 3 && header.has_alpha) cv::cvtColor(decoded, decoded, cv::COLOR_BGR2RGB);
    Image image(decoded.rows, decoded.cols, channels);
    if (decoded.depth() == CV_8U)
        decoded.copyTo(mat_of(image));
    else
        narrow(decoded, depth, mat_of(image));
    return image;
}

/// PNG and BMP.
Image decode_by_opencv(
    ByteSpan bytes, std::string_view subject, const ImageHeader& header, const DepthRange& depth) {
    keep_opencv_quiet();
    Bytes lean;
    if (header.chunks > 0) {
        lean = without_metadata(bytes);
        bytes = lean;
    }
    cv::Mat decoded;
    try {
        const cv::Mat raw(
            1,
            static_cast<int>(bytes.size()),
            CV_8U,
            const_cast<std::uint8_t*>(bytes.data()));  // OpenCV takes no constant buffer
        decoded = cv::imdecode(raw, imread_flags(header));
    } catch (const cv::Exception& error) {
        refuse_image(subject, "cannot be decoded: " + error.err);
    }
    if (decoded.empty()) refuse_image(subject, "cannot be decoded: damaged data");
    if (decoded.rows != header.height || decoded.cols != header.width)
        refuse_image(subject, "the pixels do not have the header's size");
    return to_stored_form(std::move(decoded), header, depth, subject);
}

}  // namespace

Decoded decode(
    ByteSpan bytes, std::string_view subject, const DecodeLimits& limits, const DepthRange& depth) {
    Decoded decoded{check_header(bytes, subject, limits), {}};
    const ImageHeader& header = decoded.header;
    if (header.format == Format::kJpeg)
        decoded.image = decode_jpeg(bytes, subject, header);
    else if (header.format == Format::kTiff)
        decoded.image = decode_tiff(bytes, subject, header, depth);
    else if (header.format == Format::kBmp)
        decoded.image = decode_bmp(bytes, subject, header);
    else
        decoded.image = decode_by_opencv(bytes, subject, header, depth);
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
