#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <unordered_map>

#include "georgia/image/image.h"

namespace georgia {

/// Decoded images of files, kept between epochs; any thread may ask. What comes first is kept
/// until the memory is used up, and then stays: epochs ask for all images equally often, so that
/// to throw one out for another would gain nothing.
class DecodeCache {
  public:
    explicit DecodeCache(std::int64_t bytes) : left_(bytes) {}

    /// Null where that file's image is not kept.
    std::shared_ptr<const Image> find(const std::string& path) const;

    /// Keeps the image, with one channel where its three are equal, if there is room for it. Gives
    /// what is best used further: what is kept, or the image.
    std::shared_ptr<const Image> keep(const std::string& path, std::shared_ptr<const Image> image);

    /// Images kept.
    std::int64_t size() const;

  private:
    mutable std::mutex mutex_;  // guards all below
    std::unordered_map<std::string, std::shared_ptr<const Image>> images_;
    std::int64_t left_;  // bytes
};

}  // namespace georgia
