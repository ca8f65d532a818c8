#pragma once

#include <memory>
#include <string>
#include <variant>
#include <vector>

#include "georgia/base/files.h"
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

/// The file's path, or "bytes" or "array".
std::string describe(const Source& source);

/// The stored form of the image, decoded where needed.
std::shared_ptr<const Image> load(const Source& source, const DecodeLimits& limits);

/// SHA-256 of each file in order, on that many threads. Progress counts files.
std::vector<std::string> hash_files(const std::vector<std::string>& paths, int threads);

}  // namespace georgia
