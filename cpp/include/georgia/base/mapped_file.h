#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>

#include "georgia/base/files.h"

namespace georgia {

/// A file of a fixed size, seen as memory.
class MappedFile {
  public:
    /// An existing file, for reading alone.
    static MappedFile open(const std::filesystem::path& path);

    /// A new file of that size, which appears under its name only when it is kept. The disk has
    /// room for all of it: a write into the map of a sparse file on a full disk would end the
    /// process. What a process that was killed left of such a file is removed.
    static MappedFile create(const std::filesystem::path& path, std::size_t size);

    MappedFile(MappedFile&& other) noexcept;
    MappedFile& operator=(MappedFile&&) = delete;

    /// Removes a new file that was not kept.
    ~MappedFile();

    std::uint8_t* data() const {
        return data_;
    }

    std::size_t size() const {
        return size_;
    }

    /// Waits until the disk has what is in a new file. Where it does not take it, the map may lose
    /// it as well.
    void write_back();

    /// Makes a new file durable and gives it its name.
    void keep();

  private:
    MappedFile(const std::filesystem::path& path, int descriptor, std::size_t size, bool may_write);

    std::filesystem::path path_;
    std::unique_ptr<AtomicFile> unnamed_;  // none once the file has its name
    std::uint8_t* data_ = nullptr;
    std::size_t size_ = 0;
};

}  // namespace georgia
