#include "georgia/data/inspect.h"

#include <atomic>
#include <exception>
#include <list>
#include <mutex>
#include <utility>

#include "georgia/base/error.h"
#include "georgia/base/sha256.h"
#include "georgia/base/threads.h"

namespace georgia {
namespace {

void read_pixels(
    const Bytes& bytes, const std::string& path, const Reading& reading, FileFacts& facts) {
    Decoded decoded = decode(bytes, path, reading.limits, reading.depth);
    facts.format = decoded.header.format;
    facts.bits = decoded.header.bits;
    facts.is_cmyk = decoded.header.is_cmyk;
    facts.orientation = decoded.header.orientation;
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
            check_header(bytes, path, limits);
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
    std::atomic<std::size_t> next = 0;
    std::atomic<std::int64_t> done = 0;
    std::mutex mutex;
    std::exception_ptr failure;  // of our own or the system's, guarded by the mutex
    const auto stop_with = [&](std::exception_ptr why) {
        const std::scoped_lock lock(mutex);
        if (!failure) failure = std::move(why);
        next = paths.size();
    };
    const auto work = [&](Progress* watched) {
        try {
            for (std::size_t i = next++; i < paths.size(); i = next++, ++done) {
                facts[i] = inspect_file(paths[i], options);
                if (watched != nullptr)
                    watched->advance_or_throw(
                        {"inspect", done, static_cast<std::int64_t>(paths.size())});
            }
        } catch (...) {
            stop_with(std::current_exception());
        }
    };
    std::list<Worker> workers;
    for (int i = 1; i < options.threads; ++i)
        workers.emplace_back("inspect", Priority::kNormal, [&] { work(nullptr); });
    work(&progress);
    workers.clear();  // waits for them
    if (failure) std::rethrow_exception(failure);
    return facts;
}

}  // namespace georgia
