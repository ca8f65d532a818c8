#include "georgia/base/files.h"

#include <cerrno>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>
#include <utility>

#include "georgia/base/error.h"
#include "georgia/base/sha256.h"

#include "base/descriptor.h"

namespace georgia {
namespace {

/// As many bytes as fit into the buffer, fewer only at the end of the file.
std::size_t read_some(
    int descriptor, std::span<std::uint8_t> buffer, const std::filesystem::path& path) {
    std::size_t done = 0;
    while (done < buffer.size()) {
        const ssize_t got = ::read(descriptor, buffer.data() + done, buffer.size() - done);
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) throw_io_error("read_file", path.string(), errno);
        if (got == 0) break;
        done += static_cast<std::size_t>(got);
    }
    return done;
}

void sync_folder_of(const std::filesystem::path& path) {
    const std::filesystem::path folder = path.has_parent_path() ? path.parent_path() : ".";
    const Descriptor descriptor(folder, O_RDONLY | O_DIRECTORY, "write_file");
    // Some file systems cannot sync a folder; the rename stands all the same.
    if (::fsync(descriptor.get()) != 0 && errno != EINVAL)
        throw_io_error("write_file", folder.string(), errno);
}

void sync_file(const std::filesystem::path& path) {
    const Descriptor descriptor(path, O_RDONLY, "write_file");
    if (::fsync(descriptor.get()) != 0) throw_io_error("write_file", path.string(), errno);
}

}  // namespace

Bytes read_file(const std::filesystem::path& path, std::size_t max_bytes) {
    const Descriptor descriptor(path, O_RDONLY, "read_file");
    struct stat facts{};
    if (::fstat(descriptor.get(), &facts) != 0) throw_io_error("read_file", path.string(), errno);
    if (!S_ISREG(facts.st_mode)) throw IoError("read_file", path.string(), "is not a regular file");
    const auto size = static_cast<std::size_t>(facts.st_size);
    if (size > max_bytes)
        throw BadInput(
            "read_file",
            path.string(),
            "the file is too large",
            "at most " + std::to_string(max_bytes) + " bytes",
            std::to_string(size));
    Bytes bytes(size);
    bytes.resize(read_some(descriptor.get(), bytes, path));
    return bytes;
}

std::string sha256_file(const std::filesystem::path& path) {
    const Descriptor descriptor(path, O_RDONLY, "sha256_file");
    Sha256 hash;
    Bytes piece(1 << 18);
    while (const std::size_t got = read_some(descriptor.get(), piece, path))
        hash.update(std::span(piece).first(got));
    return hash.hex_digest();
}

AtomicFile::AtomicFile(std::filesystem::path path) : path_(std::move(path)) {
    std::string name = path_.string() + ".XXXXXX";
    descriptor_ = ::mkostemp(name.data(), O_CLOEXEC);
    if (descriptor_ < 0) throw_io_error("write_file", path_.string(), errno);
    temporary_ = name;
    ::fchmod(descriptor_, S_IRUSR | S_IWUSR | S_IRGRP | S_IROTH);
}

AtomicFile::~AtomicFile() {
    if (descriptor_ >= 0) ::close(descriptor_);
    if (!temporary_.empty()) ::unlink(temporary_.c_str());
}

void AtomicFile::write(std::span<const std::uint8_t> bytes) {
    while (!bytes.empty()) {
        const ssize_t put = ::write(descriptor_, bytes.data(), bytes.size());
        if (put < 0 && errno == EINTR) continue;
        if (put < 0) throw_io_error("write_file", path_.string(), errno);
        bytes = bytes.subspan(static_cast<std::size_t>(put));
    }
}

void AtomicFile::write(std::string_view text) {
    write(std::span(reinterpret_cast<const std::uint8_t*>(text.data()), text.size()));
}

void AtomicFile::reserve(std::size_t size) {
    int error = EINTR;  // it gives its error back, and leaves errno as it was
    while (error == EINTR) error = ::posix_fallocate(descriptor_, 0, static_cast<off_t>(size));
    if (error != 0) throw_io_error("write_file", path_.string(), error);
}

void AtomicFile::commit() {
    if (::fsync(descriptor_) != 0) throw_io_error("write_file", path_.string(), errno);
    if (::close(std::exchange(descriptor_, -1)) != 0)
        throw_io_error("write_file", path_.string(), errno);
    rename_file(temporary_, path_);
    temporary_.clear();
}

FolderLock::FolderLock(const std::filesystem::path& folder)
    : descriptor_(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)) {
    if (descriptor_ < 0) throw_io_error("lock", folder.string(), errno);
    if (::flock(descriptor_, LOCK_EX | LOCK_NB) == 0) return;
    const int error = errno;
    ::close(descriptor_);
    if (error == EWOULDBLOCK)
        throw IoError("lock", folder.string(), "another process is working in this folder");
    throw_io_error("lock", folder.string(), error);
}

FolderLock::~FolderLock() {
    release();
}

void FolderLock::release() {
    if (descriptor_ >= 0) ::close(descriptor_);
    descriptor_ = -1;
}

void write_file(const std::filesystem::path& path, std::string_view text) {
    AtomicFile file(path);
    file.write(text);
    file.commit();
}

void keep_file(const std::filesystem::path& path, const std::filesystem::path& second_name) {
    std::filesystem::path temporary = second_name;
    temporary += ".new";
    std::error_code failed;
    std::filesystem::remove(temporary, failed);
    std::filesystem::create_hard_link(path, temporary, failed);
    if (failed) {
        std::filesystem::copy_file(path, temporary, failed);
        if (!failed) sync_file(temporary);
    }
    if (failed) throw_io_error("keep_file", second_name.string(), failed.value());
    rename_file(temporary, second_name);
    std::filesystem::remove(temporary, failed);  // renaming between names of one file leaves both
}

void rename_file(const std::filesystem::path& from, const std::filesystem::path& to) {
    if (::rename(from.c_str(), to.c_str()) != 0) throw_io_error("rename", to.string(), errno);
    sync_folder_of(to);
}

}  // namespace georgia
