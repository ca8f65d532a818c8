#pragma once

#include <stdexcept>
#include <string>
#include <string_view>

namespace georgia {

/// Base of every error this library throws: `[function] subject: wrong; expected X, got Y`.
class Error : public std::runtime_error {
  public:
    /// The subject is the file's path when there is one; expected and got may be empty.
    Error(
        std::string_view function,
        std::string_view subject,
        std::string_view wrong,
        std::string_view expected = {},
        std::string_view got = {});
};

/// The caller's argument is not acceptable.
class InvalidOption : public Error {
    using Error::Error;
};

/// The contents of an image, manifest or weights file are not acceptable.
class BadInput : public Error {
    using Error::Error;
};

/// The system refused: a missing file, no permission, a full disk.
class IoError : public Error {
    using Error::Error;
};

/// A loss or weight stopped being a finite number.
class Diverged : public Error {
    using Error::Error;
};

/// The caller asked to stop; nothing is lost.
class Cancelled : public Error {
    using Error::Error;
};

/// Our own bug.
class InternalError : public Error {
    using Error::Error;
};

/// The subject in front of a system error (errno) in words.
[[noreturn]] void throw_io_error(std::string_view function, std::string_view path, int error);

}  // namespace georgia
