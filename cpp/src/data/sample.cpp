#include "georgia/data/sample.h"

#include <atomic>
#include <exception>
#include <list>

#include "georgia/base/sha256.h"
#include "georgia/base/threads.h"

namespace georgia {

namespace {

FileFacts inspect_file(const std::string& path) {
    FileFacts facts;
    try {
        const DecodeLimits limits;
        const Bytes bytes = read_file(path, static_cast<std::size_t>(limits.max_bytes));
        facts.bytes = static_cast<std::int64_t>(bytes.size());
        facts.sha256 = sha256_hex(bytes);
        check_header(bytes, path, limits);
    } catch (const std::exception& error) {
        facts.error = error.what();
    }
    return facts;
}

}  // namespace

std::shared_ptr<const Image> load(const Source& source, const DecodeLimits& limits) {
    if (const auto* image = std::get_if<std::shared_ptr<const Image>>(&source)) return *image;
    if (const auto* bytes = std::get_if<std::shared_ptr<const Bytes>>(&source))
        return std::make_shared<Image>(decode(**bytes, "bytes", limits));
    return std::make_shared<Image>(decode_file(std::get<std::string>(source), limits));
}

std::vector<FileFacts> inspect_files(
    const std::vector<std::string>& paths, int threads, Progress& progress) {
    std::vector<FileFacts> facts(paths.size());
    std::atomic<std::size_t> next = 0;
    std::atomic<std::int64_t> done = 0;
    const auto work = [&] {
        for (std::size_t i = next++; i < paths.size(); i = next++, ++done)
            facts[i] = inspect_file(paths[i]);
    };
    std::list<Worker> workers;
    for (int i = 1; i < threads; ++i) workers.emplace_back("inspect", Priority::kNormal, work);
    for (std::size_t i = next++; i < paths.size(); i = next++, ++done) {
        facts[i] = inspect_file(paths[i]);
        if (progress.advance({"inspect", done, static_cast<std::int64_t>(paths.size())})) continue;
        next = paths.size();
        throw Cancelled("inspect", "", "stopped on request");
    }
    workers.clear();
    return facts;
}

}  // namespace georgia
