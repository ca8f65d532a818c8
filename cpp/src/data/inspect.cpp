#include "georgia/data/inspect.h"

#include "georgia/base/error.h"
#include "georgia/base/parallel.h"
#include "georgia/base/sha256.h"

namespace georgia {
namespace {

void read_pixels(
    const Bytes& bytes, const std::string& path, const Reading& reading, FileFacts& facts) {
    Decoded decoded = decode(bytes, path, reading.limits, reading.depth);
    facts.format = decoded.header.format;
    facts.bits = decoded.header.bits;
    facts.is_cmyk = decoded.header.is_cmyk;
    facts.orientation = decoded.header.orientation;
    facts.taken = decoded.header.taken;
    facts.height = decoded.image.height;
    facts.width = decoded.image.width;
    facts.channels = decoded.image.channels;
    if (reading.crop != Crop{}) decoded.image = cropped(decoded.image, reading.crop, path);
    facts.pixels = fingerprint(decoded.image);
}

FileFacts inspect_file(const std::string& path, const InspectOptions& options) {
    FileFacts facts;
    const DecodeLimits& limits = options.reading.limits;
    try {
        const Bytes bytes = read_file(path, static_cast<std::size_t>(limits.max_bytes));
        facts.bytes = static_cast<std::int64_t>(bytes.size());
        facts.sha256 = sha256_hex(bytes);
        if (options.pixels)
            read_pixels(bytes, path, options.reading, facts);
        else
            facts.taken = check_header(bytes, path, limits).taken;
    } catch (const BadInput& error) {
        facts.error = error.what();
    } catch (const IoError& error) {
        facts.error = error.what();
    }
    return facts;
}

}  // namespace

std::vector<FileFacts> inspect_files(
    const std::vector<std::string>& paths, const InspectOptions& options, Progress& progress) {
    std::vector<FileFacts> facts(paths.size());
    for_each_number(paths.size(), {options.threads, "inspect", progress}, [&](std::size_t i) {
        facts[i] = inspect_file(paths[i], options);
    });
    return facts;
}

}  // namespace georgia
