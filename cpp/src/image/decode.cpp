#include "georgia/image/decode.h"

#include <algorithm>
#include <mutex>
#include <opencv2/imgcodecs.hpp>
#include <opencv2/imgproc.hpp>
#include <utility>

#include "georgia/base/error.h"
#include "georgia/base/files.h"

#include "image/decode_jpeg.h"
#include "image/header.h"
#include "image/mat.h"
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
    const auto span = static_cast<std::uint64_t>(depth.high - depth.low);
    const int samples = wide.cols * wide.channels();
    for (int y = 0; y < wide.rows; ++y) {
        const auto* from = wide.ptr<std::uint16_t>(y);
        auto* to = narrow_image.ptr<std::uint8_t>(y);
        for (int x = 0; x < samples; ++x) {
            const std::int64_t clipped = std::clamp<std::int64_t>(from[x], depth.low, depth.high);
            const auto above = static_cast<std::uint64_t>(clipped - depth.low);
            to[x] = static_cast<std::uint8_t>((above * 255 + span / 2) / span);
        }
    }
}

Image to_stored_form(cv::Mat decoded, const DepthRange& depth, std::string_view subject) {
    const int channels = decoded.channels();
    if ((decoded.depth() != CV_8U && decoded.depth() != CV_16U) || channels == 2)
        refuse_image(subject, "of a sample type that is not read");
    if (channels == 4) cv::cvtColor(decoded, decoded, cv::COLOR_BGRA2RGBA);
    Image image(decoded.rows, decoded.cols, channels);
    if (decoded.depth() == CV_8U)
        decoded.copyTo(mat_of(image));
    else
        narrow(decoded, depth, mat_of(image));
    return image;
}

/// PNG, BMP and TIFF.
Image decode_by_opencv(
    ByteSpan bytes, std::string_view subject, const ImageHeader& header, const DepthRange& depth) {
    keep_opencv_quiet();
    Bytes patched;
    if (!header.patches.empty()) {
        patched.assign(bytes.begin(), bytes.end());
        for (const Patch& patch : header.patches) patched[patch.at] = patch.value;
        bytes = patched;
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
    return to_stored_form(std::move(decoded), depth, subject);
}

}  // namespace

Decoded decode(
    ByteSpan bytes, std::string_view subject, const DecodeLimits& limits, const DepthRange& depth) {
    Decoded decoded{check_header(bytes, subject, limits), {}};
    const ImageHeader& header = decoded.header;
    decoded.image = header.format == Format::kJpeg
                        ? decode_jpeg(bytes, subject, header)
                        : decode_by_opencv(bytes, subject, header, depth);
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
