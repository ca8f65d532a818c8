#include "georgia/base/mapped_file.h"

#include <cerrno>
#include <fcntl.h>
#include <string>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>
#include <utility>

#include "georgia/base/error.h"
#include "georgia/base/files.h"

namespace georgia {
namespace {

constexpr const char* kFunction = "map_file";

/// Removes temporary files of this one that no process holds any more.
void remove_abandoned(const std::filesystem::path& path) {
    const std::string start = path.filename().string() + ".";
    std::error_code ignored;
    for (const auto& entry : std::filesystem::directory_iterator(path.parent_path(), ignored)) {
        if (!entry.path().filename().string().starts_with(start)) continue;
        const int descriptor = ::open(entry.path().c_str(), O_RDWR | O_CLOEXEC);
        if (descriptor < 0) continue;
        if (::flock(descriptor, LOCK_EX | LOCK_NB) == 0) ::unlink(entry.path().c_str());
        ::close(descriptor);
    }
}

}  // namespace

MappedFile::MappedFile(std::filesystem::path path, std::filesystem::path temporary, int descriptor)
    : path_(std::move(path)), temporary_(std::move(temporary)), descriptor_(descriptor) {}

MappedFile MappedFile::open(const std::filesystem::path& path) {
    const int descriptor = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
    if (descriptor < 0) throw_io_error(kFunction, path.string(), errno);
    MappedFile file(path, {}, descriptor);
    struct stat facts{};
    if (::fstat(descriptor, &facts) != 0) throw_io_error(kFunction, path.string(), errno);
    file.map(static_cast<std::size_t>(facts.st_size), /*may_write=*/false);
    return file;
}

MappedFile MappedFile::create(const std::filesystem::path& path, std::size_t size) {
    remove_abandoned(path);
    std::string name = path.string() + ".XXXXXX";
    const int descriptor = ::mkostemp(name.data(), O_CLOEXEC);
    if (descriptor < 0) throw_io_error(kFunction, path.string(), errno);
    MappedFile file(path, name, descriptor);
    ::flock(descriptor, LOCK_EX | LOCK_NB);  // says that a living process holds it
    int error = EINTR;                       // it gives its error back, and leaves errno as it was
    while (error == EINTR) error = ::posix_fallocate(descriptor, 0, static_cast<off_t>(size));
    if (error != 0) throw_io_error(kFunction, path.string(), error);
    ::fchmod(descriptor, S_IRUSR | S_IWUSR | S_IRGRP | S_IROTH);
    file.map(size, /*may_write=*/true);
    return file;
}

void MappedFile::map(std::size_t size, bool may_write) {
    if (size == 0) throw BadInput(kFunction, path_.string(), "the file is empty");
    const int protection = may_write ? PROT_READ | PROT_WRITE : PROT_READ;
    void* place = ::mmap(nullptr, size, protection, MAP_SHARED, descriptor_, 0);
    if (place == MAP_FAILED) throw_io_error(kFunction, path_.string(), errno);
    data_ = static_cast<std::uint8_t*>(place);
    size_ = size;
}

MappedFile::MappedFile(MappedFile&& other) noexcept
    : path_(std::move(other.path_)),
      temporary_(std::exchange(other.temporary_, {})),
      descriptor_(std::exchange(other.descriptor_, -1)),
      data_(std::exchange(other.data_, nullptr)),
      size_(other.size_) {}

MappedFile::~MappedFile() {
    if (data_ != nullptr) ::munmap(data_, size_);
    if (!temporary_.empty()) ::unlink(temporary_.c_str());
    if (descriptor_ >= 0) ::close(descriptor_);
}

void MappedFile::keep() {
    if (::msync(data_, size_, MS_SYNC) != 0 || ::fsync(descriptor_) != 0)
        throw_io_error(kFunction, path_.string(), errno);
    rename_file(temporary_, path_);
    temporary_.clear();
}

}  // namespace georgia
