#include "georgia/image/fingerprint.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <opencv2/imgproc.hpp>

#include "georgia/base/hash128.h"

#include "image/composite.h"
#include "image/mat.h"
#include "image/orientation.h"
#include "image/perceptual.h"

namespace georgia {
namespace {

/// Only the channels that can be seen; see Note [Eight orientations]. The lean image is used where
/// some are left out.
const Image& without_idle_channels(const Image& image, Image& lean) {
    if (image.channels == 1) return image;
    const auto channels = static_cast<std::size_t>(image.channels);
    const std::size_t count = image.pixels.size() / channels;
    const std::uint8_t* p = image.pixels.data();
    bool may_drop_alpha = channels == 4;
    bool is_gray = true;
    for (std::size_t i = 0; i < count && (may_drop_alpha || is_gray); ++i, p += channels) {
        may_drop_alpha = may_drop_alpha && p[3] == 255;
        is_gray = is_gray && p[0] == p[1] && p[0] == p[2];
    }
    const int kept = channels == 4 && !may_drop_alpha ? 4 : is_gray ? 1 : 3;
    if (kept == image.channels) return image;
    lean = Image(image.height, image.width, kept);
    cv::Mat into = mat_of(lean);
    if (kept == 1)
        cv::extractChannel(mat_of(image), into, 0);
    else
        cv::cvtColor(mat_of(image), into, cv::COLOR_RGBA2RGB);
    return lean;
}

/// Reads an image as if it had been turned.
class TurnedView {
  public:
    TurnedView(const Image& image, int turn) : image_(image), turn_(turn) {}

    int height() const {
        return (turn_ & 4) != 0 ? image_.width : image_.height;
    }
    int width() const {
        return (turn_ & 4) != 0 ? image_.height : image_.width;
    }

    /// The pixel at a row and column of the turned image.
    const std::uint8_t* at(int row, int column) const {
        if ((turn_ & 4) != 0) std::swap(row, column);
        if ((turn_ & 2) != 0) row = image_.height - 1 - row;
        if ((turn_ & 1) != 0) column = image_.width - 1 - column;
        const auto pixel = static_cast<std::size_t>(row) * static_cast<std::size_t>(image_.width) +
                           static_cast<std::size_t>(column);
        return image_.pixels.data() + pixel * static_cast<std::size_t>(image_.channels);
    }

  private:
    const Image& image_;
    int turn_;
};

/// Lexicographic order of height, then pixels by rows. Two orientations differ within the first few
/// pixels unless the picture is symmetric.
bool comes_before(const TurnedView& left, const TurnedView& right, std::size_t channels) {
    if (left.height() != right.height()) return left.height() < right.height();
    for (int y = 0; y < left.height(); ++y)
        for (int x = 0; x < left.width(); ++x)
            if (const int order = std::memcmp(left.at(y, x), right.at(y, x), channels); order != 0)
                return order < 0;
    return false;
}

int canonical_turn(const Image& image) {
    int best = 0;
    const auto channels = static_cast<std::size_t>(image.channels);
    for (int turn = 1; turn < kTurns; ++turn)
        if (comes_before({image, turn}, {image, best}, channels)) best = turn;
    return best;
}

/// The hash of an image as if it had been turned. Strips of it are turned one after another, which
/// stay in the processor's cache.
std::string hash_of_turned(const Image& image, int turn) {
    const bool is_transposed = (turn & 4) != 0;
    const int height = is_transposed ? image.width : image.height;
    const int width = is_transposed ? image.height : image.width;
    Hash128 hash;
    for (const int number : {height, width, image.channels}) {
        std::array<std::uint8_t, 4> bytes{};
        for (std::size_t i = 0; i < 4; ++i)
            bytes[i] = static_cast<std::uint8_t>(number >> (8 * i) & 255);
        hash.update(bytes);
    }
    const cv::Mat pixels = mat_of(image);
    cv::Mat strip;
    constexpr int kRows = 32;
    // The bit that mirrors what becomes rows, and the one that mirrors what becomes columns.
    const bool mirrors_rows = (turn & (is_transposed ? 1 : 2)) != 0;
    const bool mirrors_columns = (turn & (is_transposed ? 2 : 1)) != 0;
    for (int row = 0; row < height; row += kRows) {
        const int rows = std::min(kRows, height - row);
        const int from = mirrors_rows ? height - row - rows : row;
        if (is_transposed)
            cv::transpose(pixels.colRange(from, from + rows), strip);
        else
            pixels.rowRange(from, from + rows).copyTo(strip);
        if (mirrors_rows) cv::flip(strip, strip, 0);
        if (mirrors_columns) cv::flip(strip, strip, 1);
        hash.update({strip.data, strip.total() * strip.elemSize()});
    }
    return hash.hex_digest();
}

/// Gray values; the buffer is used where the image has colours.
cv::Mat gray_of(const Image& image, Image& buffer) {
    if (image.channels == 1) return mat_of(image);
    buffer = Image(image.height, image.width, 1);
    const Image opaque = image.channels == 4 ? composite(image, 255) : Image();
    cv::Mat gray = mat_of(buffer);
    cv::cvtColor(mat_of(image.channels == 4 ? opaque : image), gray, cv::COLOR_RGB2GRAY);
    return gray;
}

void measure_histogram(const cv::Mat& gray, Fingerprint& result) {
    std::array<std::array<std::uint32_t, 256>, 4> counts{};  // four, to count four pixels at once
    for (int y = 0; y < gray.rows; ++y) {
        const auto* row = gray.ptr<std::uint8_t>(y);
        for (int x = 0; x < gray.cols; ++x) ++counts[static_cast<std::size_t>(x & 3)][row[x]];
    }
    const auto total = static_cast<double>(gray.total());
    for (std::size_t value = 0; value < 256; ++value) {
        const std::uint32_t count =
            counts[0][value] + counts[1][value] + counts[2][value] + counts[3][value];
        if (count == 0) continue;
        const double share = count / total;
        result.mean += share * static_cast<double>(value);
        result.entropy -= share * std::log2(share);
    }
}

/// Mean and deviation of four strips a sixteenth of a side thick, that far from the sides: at 0
/// where instruments write and vignettes darken, further in as a control.
std::array<double, 8> measure_strips(const cv::Mat& gray, int from_y, int from_x) {
    const int thick_y = std::max(1, gray.rows / 16);
    const int thick_x = std::max(1, gray.cols / 16);
    const std::array<cv::Rect, 4> strips{
        cv::Rect(0, from_y, gray.cols, thick_y),
        cv::Rect(0, gray.rows - from_y - thick_y, gray.cols, thick_y),
        cv::Rect(from_x, 0, thick_x, gray.rows),
        cv::Rect(gray.cols - from_x - thick_x, 0, thick_x, gray.rows)};
    std::array<double, 8> values{};
    for (std::size_t i = 0; i < strips.size(); ++i) {
        cv::Scalar mean;
        cv::Scalar deviation;
        cv::meanStdDev(gray(strips[i]), mean, deviation);
        values[2 * i] = mean[0];
        values[2 * i + 1] = deviation[0];
    }
    return values;
}

}  // namespace

Fingerprint fingerprint(const Image& image) {
    Image lean;
    const Image& seen = without_idle_channels(image, lean);
    Fingerprint result;
    result.turn = canonical_turn(seen);
    result.pixel_hash = hash_of_turned(seen, result.turn);
    Image buffer;
    const cv::Mat gray = gray_of(seen, buffer);
    measure_histogram(gray, result);
    result.edges = measure_strips(gray, 0, 0);
    result.middles = measure_strips(gray, gray.rows / 3, gray.cols / 3);
    const auto hashes = oriented_hashes(perceptual_hash(gray));
    result.perceptual = *std::ranges::min_element(hashes);
    return result;
}

}  // namespace georgia
