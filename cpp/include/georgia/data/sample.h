#pragma once

#include <memory>
#include <string>
#include <variant>
#include <vector>

#include "georgia/base/files.h"
#include "georgia/base/progress.h"
#include "georgia/image/decode.h"

namespace georgia {

/// Where an image comes from: a file, the bytes of a file, or pixels already decoded.
using Source =
    std::variant<std::string, std::shared_ptr<const Bytes>, std::shared_ptr<const Image>>;

/// One image of a data set.
struct Sample {
    Source source;
    std::int64_t label = -1;  ///< index of the class, -1 when unknown
};

/// The stored form of the image, decoded where needed.
std::shared_ptr<const Image> load(const Source& source, const DecodeLimits& limits);

/// What can be said of a file without decoding it.
struct FileFacts {
    std::int64_t bytes = 0;
    std::string sha256;
    std::string error;  ///< why it cannot be an image, empty where it may be one
};

/// Reads every file once, on that many threads: its hash, its header against the limits, and
/// whether it runs to its end. In the order of the paths.
std::vector<FileFacts> inspect_files(
    const std::vector<std::string>& paths, int threads, Progress& progress);

}  // namespace georgia
