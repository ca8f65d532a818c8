#pragma once

#include <cerrno>
#include <fcntl.h>
#include <filesystem>
#include <unistd.h>

#include "georgia/base/error.h"

namespace georgia {

/// An open file descriptor that closes itself.
class Descriptor {
  public:
    Descriptor(const std::filesystem::path& path, int flags, const char* function)
        : value_(::open(path.c_str(), flags | O_CLOEXEC)) {
        if (value_ < 0) throw_io_error(function, path.string(), errno);
    }
    ~Descriptor() {
        ::close(value_);
    }
    Descriptor(const Descriptor&) = delete;
    Descriptor& operator=(const Descriptor&) = delete;

    int get() const {
        return value_;
    }

  private:
    int value_;
};

}  // namespace georgia
