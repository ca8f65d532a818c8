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

#include "base/descriptor.h"

namespace georgia {
namespace {

constexpr const char* kFunction = "map_file";

/// Removes temporary files of this one that no process holds any more.
void remove_abandoned(const std::filesystem::path& path) {
    const std::string start = path.filename().string() + ".";
    std::error_code ignored;
    std::filesystem::directory_iterator entry(path.parent_path(), ignored);
    for (; entry != std::filesystem::directory_iterator(); entry.increment(ignored)) {
        if (!entry->path().filename().string().starts_with(start)) continue;
        const int descriptor = ::open(entry->path().c_str(), O_RDWR | O_CLOEXEC);
        if (descriptor < 0) continue;  // another's, or gone by now
        if (::flock(descriptor, LOCK_EX | LOCK_NB) == 0) ::unlink(entry->path().c_str());
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
    const Descriptor descriptor(path, O_RDONLY, kFunction);  // a map stands without it
    struct stat facts{};
    if (::fstat(descriptor.get(), &facts) != 0) throw_io_error(kFunction, path.string(), errno);
    return MappedFile(
        path, descriptor.get(), static_cast<std::size_t>(facts.st_size), /*may_write=*/false);
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

void MappedFile::write_back() {
    if (::msync(data_, size_, MS_SYNC) != 0) throw_io_error(kFunction, path_.string(), errno);
}

void MappedFile::keep() {
    write_back();
    unnamed_->commit();  // closes the descriptor; the map goes on holding file and lock
    unnamed_.reset();
}

}  // namespace georgia
