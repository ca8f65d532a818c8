#include "georgia/image/decode.h"

#include <mutex>
#include <opencv2/imgcodecs.hpp>
#include <opencv2/imgproc.hpp>
#include <string>

#include "georgia/base/error.h"
#include "georgia/base/files.h"

#include "image/header.h"
#include "image/mat.h"

namespace georgia {
namespace {

void check_limits(const ImageHeader& header, const DecodeLimits& limits, std::string_view subject) {
    const std::string size = std::to_string(header.width) + " x " + std::to_string(header.height);
    if (header.width < 1 || header.height < 1)
        throw BadInput("read_image", subject, "the header states no size", "at least 1 x 1", size);
    if (header.width > limits.max_side || header.height > limits.max_side)
        throw BadInput(
            "read_image",
            subject,
            "the image is too large",
            "at most " + std::to_string(limits.max_side) + " pixels a side",
            size);
    if (header.width * header.height > limits.max_pixels)
        throw BadInput(
            "read_image",
            subject,
            "the image is too large",
            "at most " + std::to_string(limits.max_pixels) + " pixels",
            size);
}

/// OpenCV turns by EXIF orientation unless asked for an unchanged image, which alone keeps alpha.
int imread_flags(const ImageHeader& header) {
    if (header.has_alpha) return cv::IMREAD_UNCHANGED;
    if (header.is_gray) return cv::IMREAD_GRAYSCALE | cv::IMREAD_ANYDEPTH;
    return cv::IMREAD_COLOR_RGB | cv::IMREAD_ANYDEPTH;
}

void keep_opencv_quiet() {
    static std::once_flag once;
    // Its warnings would land on the user's terminal; what matters is thrown below.
    std::call_once(once, [] {
        cv::setNumThreads(1);
        cv::redirectError([](int, const char*, const char*, const char*, int, void*) { return 0; });
    });
}

/// Any depth to eight bits.
void narrow(const cv::Mat& wide, cv::Mat narrow_image) {
    const int samples = wide.cols * wide.channels();
    for (int y = 0; y < wide.rows; ++y) {
        const auto* from = wide.ptr<std::uint16_t>(y);
        auto* to = narrow_image.ptr<std::uint8_t>(y);
        for (int x = 0; x < samples; ++x)
            to[x] = static_cast<std::uint8_t>((std::uint32_t{from[x]} * 255 + 32767) / 65535);
    }
}

Image to_stored_form(cv::Mat decoded, std::string_view subject) {
    const int channels = decoded.channels();
    if ((decoded.depth() != CV_8U && decoded.depth() != CV_16U) || channels == 2)
        throw BadInput(
            "read_image", subject, "unsupported sample type", "8 or 16 bits without sign");
    if (decoded.channels() == 4) cv::cvtColor(decoded, decoded, cv::COLOR_BGRA2RGBA);
    Image image(decoded.rows, decoded.cols, channels);
    if (decoded.depth() == CV_8U)
        decoded.copyTo(mat_of(image));
    else
        narrow(decoded, mat_of(image));
    return image;
}

}  // namespace

ImageHeader check_header(
    std::span<const std::uint8_t> bytes, std::string_view subject, const DecodeLimits& limits) {
    if (static_cast<std::int64_t>(bytes.size()) > limits.max_bytes)
        throw BadInput(
            "read_image",
            subject,
            "the file is too large",
            "at most " + std::to_string(limits.max_bytes) + " bytes",
            std::to_string(bytes.size()));
    const ImageHeader header = read_header(bytes, subject);
    check_limits(header, limits, subject);
    require_complete(bytes, header.format, subject);
    return header;
}

Image decode(
    std::span<const std::uint8_t> bytes, std::string_view subject, const DecodeLimits& limits) {
    const ImageHeader header = check_header(bytes, subject, limits);
    keep_opencv_quiet();

    // libtiff multiplies straight alpha into the colours. Told that it already is, it gives them as
    // they are stored.
    Bytes retold;
    if (header.straight_alpha_at > 0) {
        retold.assign(bytes.begin(), bytes.end());
        retold[header.straight_alpha_at] = 1;
        bytes = retold;
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
        throw BadInput("read_image", subject, "cannot be decoded: " + error.err);
    }
    if (decoded.empty()) throw BadInput("read_image", subject, "cannot be decoded: damaged data");
    // EXIF orientation may have turned it; anything else means that two readers read two headers.
    const bool is_as_told = decoded.rows == header.height && decoded.cols == header.width;
    const bool is_turned = decoded.rows == header.width && decoded.cols == header.height;
    if (!is_as_told && !is_turned)
        throw BadInput("read_image", subject, "the pixels do not have the header's size");
    return to_stored_form(std::move(decoded), subject);
}

Image decode_file(const std::string& path, const DecodeLimits& limits) {
    return decode(read_file(path, static_cast<std::size_t>(limits.max_bytes)), path, limits);
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
