#include "georgia/data/sample.h"

namespace georgia {
namespace {

std::shared_ptr<const Image> read(const Source& source, const Reading& reading) {
    if (const auto* image = std::get_if<std::shared_ptr<const Image>>(&source)) return *image;
    if (const auto* error = std::get_if<std::exception_ptr>(&source))
        std::rethrow_exception(*error);
    if (const auto* bytes = std::get_if<std::shared_ptr<const Bytes>>(&source))
        return std::make_shared<Image>(
            decode(**bytes, "bytes", reading.limits, reading.depth, reading.reduced_for).image);
    return std::make_shared<Image>(decode_file(
        std::get<std::string>(source), reading.limits, reading.depth, reading.reduced_for));
}

}  // namespace

Reading reading_of(const Preprocess& preprocess, const DecodeLimits& limits) {
    const auto side = [&](std::size_t i) { return static_cast<int>(preprocess.crop[i]); };
    return {
        limits,
        {preprocess.depth[0], preprocess.depth[1]},
        {side(0), side(1), side(2), side(3)},
        {}};
}

Reading reading_for_frame(const Preprocess& preprocess, const DecodeLimits& limits) {
    Reading reading = reading_of(preprocess, limits);
    if (preprocess.jpeg_reduce && reading.crop == Crop{})  // which counts pixels of the file
        reading.reduced_for = {preprocess.frame(), preprocess.fit, preprocess.interpolation};
    return reading;
}

std::shared_ptr<const Image> load(const Source& source, const Reading& reading) {
    auto image = read(source, reading);
    if (reading.crop == Crop{}) return image;
    const auto* path = std::get_if<std::string>(&source);
    return std::make_shared<Image>(cropped(*image, reading.crop, path ? *path : "image"));
}

}  // namespace georgia
