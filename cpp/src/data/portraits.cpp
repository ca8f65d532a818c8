#include "georgia/data/portraits.h"

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

/// An image on white, of that size.
Image stretched(const Image& image, int height, int width, int channels) {
    Preprocess how;
    how.height = height;
    how.width = width;
    how.channels = channels;
    how.fit = Fit::kStretch;
    how.background = Background::kWhite;
    Image placed(height, width, channels);
    place(image, how, {}, placed.pixels.data());
    return placed;
}

Portrait portrait(const Source& source, const Reading& reading, int side) {
    const auto image = load(source, reading);
    const double scale = std::min(1.0, double(side) / std::max(image->height, image->width));
    const Image small = stretched(
        *image,
        scaled(image->height, scale),
        scaled(image->width, scale),
        image->channels == 1 ? 1 : 3);
    const Intensities intensities =
        image->channels == 1 ? intensities_of(*image)
                             : intensities_of(stretched(*image, image->height, image->width, 1));
    return {encode_jpeg(small, kQuality), intensities};
}

}  // namespace

std::vector<Portrait> portraits(
    const std::vector<Sample>& samples, const Reading& reading, int side, const Parallel& how) {
    std::vector<Portrait> made(samples.size());
    for_each_number(samples.size(), how, [&](std::size_t i) {
        try {
            made[i] = portrait(samples[i].source, reading, side);
        } catch (const BadInput&) {  // what cannot be shown stays empty
        } catch (const IoError&) {
        }
    });
    return made;
}

}  // namespace georgia
