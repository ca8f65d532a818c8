#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>

#include "georgia/base/buffer.h"

namespace georgia {

/// The whole file; a file above max_bytes is refused before a byte is read.
Bytes read_file(const std::filesystem::path& path, std::size_t max_bytes);

/// SHA-256 of a file's bytes, read in pieces.
std::string sha256_file(const std::filesystem::path& path);

/// A file that appears whole or not at all: temporary beside it, fsync, rename, fsync of the
/// folder.
class AtomicFile {
  public:
    explicit AtomicFile(std::filesystem::path path);
    ~AtomicFile();
    AtomicFile(const AtomicFile&) = delete;
    AtomicFile& operator=(const AtomicFile&) = delete;

    void write(std::span<const std::uint8_t> bytes);
    void write(std::string_view text);

    /// Makes it that long, with room on the disk for all of it.
    void reserve(std::size_t size);

    /// For whoever maps it.
    int descriptor() const {
        return descriptor_;
    }

    /// Gives the file its name. Without it the destructor removes what was written.
    void commit();

  private:
    std::filesystem::path path_;
    std::filesystem::path temporary_;
    int descriptor_ = -1;
};

/// Keeps a second process out of a folder for as long as it lives.
class FolderLock {
  public:
    explicit FolderLock(const std::filesystem::path& folder);
    ~FolderLock();
    FolderLock(const FolderLock&) = delete;
    FolderLock& operator=(const FolderLock&) = delete;

    /// Lets others in before that.
    void release();

  private:
    int descriptor_ = -1;
};

void write_file(const std::filesystem::path& path, std::string_view text);

/// Gives a file a second name, which it keeps when another file takes the first; where the file
/// system knows no such names it is copied.
void keep_file(const std::filesystem::path& path, const std::filesystem::path& second_name);

/// Rename, made durable.
void rename_file(const std::filesystem::path& from, const std::filesystem::path& to);

}  // namespace georgia
