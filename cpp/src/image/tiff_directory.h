#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "image/header.h"

namespace georgia {

/// A directory of a TIFF file or an EXIF block: numbers under tags.
class TiffDirectory {
  public:
    /// The first directory of a block that begins with its byte order; nothing when it is broken.
    static std::optional<TiffDirectory> first(ByteSpan bytes);

    bool has(std::uint32_t tag) const {
        return find(tag) != nullptr;
    }

    /// Every number of a tag; empty when it is absent, of another type or outside the file.
    std::vector<std::uint32_t> values(std::uint32_t tag) const;

    /// A tag's only or first number.
    std::uint32_t value(std::uint32_t tag, std::uint32_t otherwise) const;

    /// A tag's text without the zero behind it; empty when it is absent, no text or outside.
    std::string text(std::uint32_t tag) const;

    /// The directory that a tag points to; nothing when it is broken.
    std::optional<TiffDirectory> below(std::uint32_t tag) const;

    /// True when tags stand in rising order, each once, as the format demands.
    bool is_ordered() const;

    /// Directories in the chain that starts here, counted to that many at most.
    std::int64_t count_pages(std::int64_t at_most) const;

  private:
    struct Entry {
        std::uint32_t tag = 0;
        std::uint32_t type = 0;
        std::uint32_t count = 0;
        std::size_t at = 0;  ///< of its value field
    };

    TiffDirectory(ByteSpan bytes, bool is_little) : bytes_(bytes), is_little_(is_little) {}

    bool read(std::size_t at);
    const Entry* find(std::uint32_t tag) const;
    std::vector<std::uint32_t> read_values(std::uint32_t tag, std::uint32_t at_most) const;
    std::uint32_t number(std::size_t at, std::size_t size) const {
        return is_little_ ? little_endian(bytes_, at, size) : big_endian(bytes_, at, size);
    }

    ByteSpan bytes_;
    bool is_little_;
    std::vector<Entry> entries_;
    std::size_t next_ = 0;  ///< the following directory, 0 at the last
};

}  // namespace georgia
