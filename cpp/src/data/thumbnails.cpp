#include "georgia/data/thumbnails.h"

#include <algorithm>
#include <cmath>

#include "georgia/base/error.h"
#include "georgia/image/encode.h"
#include "georgia/image/preprocess.h"

namespace georgia {
namespace {

constexpr int kQuality = 82;

int scaled(int length, double scale) {
    return std::max(1, static_cast<int>(std::lround(length * scale)));
}

std::vector<std::uint8_t> thumbnail(const Source& source, const Reading& reading, int side) {
    const auto image = load(source, reading);
    const double scale = std::min(1.0, double(side) / std::max(image->height, image->width));
    Preprocess how;
    how.height = scaled(image->height, scale);
    how.width = scaled(image->width, scale);
    how.channels = image->channels == 1 ? 1 : 3;
    how.fit = Fit::kStretch;
    how.background = Background::kWhite;
    Image small(
        static_cast<int>(how.height), static_cast<int>(how.width), static_cast<int>(how.channels));
    place(*image, how, {}, small.pixels.data());
    return encode_jpeg(small, kQuality);
}

}  // namespace

std::vector<std::vector<std::uint8_t>> thumbnails(
    const std::vector<Sample>& samples, const Reading& reading, int side, const Parallel& how) {
    std::vector<std::vector<std::uint8_t>> made(samples.size());
    for_each_number(samples.size(), how, [&](std::size_t i) {
        try {
            made[i] = thumbnail(samples[i].source, reading, side);
        } catch (const BadInput&) {  // what cannot be shown stays empty
        } catch (const IoError&) {
        }
    });
    return made;
}

}  // namespace georgia
