#include "georgia/data/cache.h"

#include <utility>

#include "georgia/image/gray.h"

namespace georgia {

std::shared_ptr<const Image> DecodeCache::find(const std::string& path) const {
    const std::scoped_lock lock(mutex_);
    const auto found = images_.find(path);
    return found == images_.end() ? nullptr : found->second;
}

std::shared_ptr<const Image> DecodeCache::keep(
    const std::string& path, std::shared_ptr<const Image> image) {
    if (is_gray_in_colour(*image)) image = std::make_shared<Image>(first_channel(*image));
    const auto bytes = static_cast<std::int64_t>(image->pixels.size());
    const std::scoped_lock lock(mutex_);
    if (bytes <= left_ && images_.emplace(path, image).second) left_ -= bytes;
    return image;
}

std::int64_t DecodeCache::size() const {
    const std::scoped_lock lock(mutex_);
    return static_cast<std::int64_t>(images_.size());
}

}  // namespace georgia
