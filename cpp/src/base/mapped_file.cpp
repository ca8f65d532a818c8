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

namespace georgia {
namespace {

constexpr const char* kFunction = "map_file";

struct CloseDescriptor {
    void operator()(const int* descriptor) const {
        ::close(*descriptor);  // a map stands without it
    }
};

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

MappedFile::MappedFile(
    const std::filesystem::path& path, int descriptor, std::size_t size, bool may_write)
    : path_(path), size_(size) {
    if (size == 0) throw BadInput(kFunction, path.string(), "the file is empty");
    const int protection = may_write ? PROT_READ | PROT_WRITE : PROT_READ;
    void* place = ::mmap(nullptr, size, protection, MAP_SHARED, descriptor, 0);
    if (place == MAP_FAILED) throw_io_error(kFunction, path.string(), errno);
    data_ = static_cast<std::uint8_t*>(place);
}

MappedFile MappedFile::open(const std::filesystem::path& path) {
    const int descriptor = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
    if (descriptor < 0) throw_io_error(kFunction, path.string(), errno);
    const std::unique_ptr<const int, CloseDescriptor> closing(&descriptor);
    struct stat facts{};
    if (::fstat(descriptor, &facts) != 0) throw_io_error(kFunction, path.string(), errno);
    return MappedFile(
        path, descriptor, static_cast<std::size_t>(facts.st_size), /*may_write=*/false);
}

MappedFile MappedFile::create(const std::filesystem::path& path, std::size_t size) {
    remove_abandoned(path);
    auto unnamed = std::make_unique<AtomicFile>(path);
    ::flock(unnamed->descriptor(), LOCK_EX | LOCK_NB);  // says that a living process holds it
    unnamed->reserve(size);
    MappedFile file(path, unnamed->descriptor(), size, /*may_write=*/true);
    file.unnamed_ = std::move(unnamed);
    return file;
}

MappedFile::MappedFile(MappedFile&& other) noexcept
    : path_(std::move(other.path_)),
      unnamed_(std::move(other.unnamed_)),
      data_(std::exchange(other.data_, nullptr)),
      size_(other.size_) {}

MappedFile::~MappedFile() {
    if (data_ != nullptr) ::munmap(data_, size_);
}

void MappedFile::keep() {
    if (::msync(data_, size_, MS_SYNC) != 0) throw_io_error(kFunction, path_.string(), errno);
    unnamed_->commit();
    unnamed_.reset();
}

}  // namespace georgia
