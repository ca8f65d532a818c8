#include "georgia/data/sample.h"

#include <algorithm>
#include <atomic>
#include <exception>
#include <list>
#include <mutex>

#include "georgia/base/threads.h"

namespace georgia {

std::string describe(const Source& source) {
    if (const auto* path = std::get_if<std::string>(&source)) return *path;
    return std::holds_alternative<std::shared_ptr<const Bytes>>(source) ? "bytes" : "array";
}

std::shared_ptr<const Image> load(const Source& source, const DecodeLimits& limits) {
    if (const auto* image = std::get_if<std::shared_ptr<const Image>>(&source)) return *image;
    if (const auto* bytes = std::get_if<std::shared_ptr<const Bytes>>(&source))
        return std::make_shared<Image>(decode(**bytes, "bytes", limits));
    return std::make_shared<Image>(decode_file(std::get<std::string>(source), limits));
}

std::vector<std::string> hash_files(const std::vector<std::string>& paths, int threads) {
    std::vector<std::string> digests(paths.size());
    std::atomic<std::size_t> next = 0;
    std::mutex mutex;
    std::exception_ptr failure;
    const auto work = [&] {
        try {
            for (std::size_t i = next++; i < paths.size(); i = next++)
                digests[i] = sha256_file(paths[i]);
        } catch (...) {
            next = paths.size();
            const std::scoped_lock lock(mutex);
            failure = std::current_exception();
        }
    };
    {
        std::list<Worker> workers;
        for (int i = 1; i < threads; ++i) workers.emplace_back("hash", Priority::kNormal, work);
        work();
    }
    if (failure) std::rethrow_exception(failure);
    return digests;
}

}  // namespace georgia
