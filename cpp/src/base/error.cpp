#include "georgia/base/error.h"

#include <cerrno>
#include <system_error>

namespace georgia {
namespace {

std::string sentence(
    std::string_view function,
    std::string_view subject,
    std::string_view wrong,
    std::string_view expected,
    std::string_view got) {
    std::string text;
    text.append("[").append(function).append("] ");
    if (!subject.empty()) text.append(subject).append(": ");
    text.append(wrong);
    if (!expected.empty()) text.append("; expected ").append(expected);
    if (!got.empty()) text.append(expected.empty() ? "; got " : ", got ").append(got);
    return text;
}

}  // namespace

Error::Error(
    std::string_view function,
    std::string_view subject,
    std::string_view wrong,
    std::string_view expected,
    std::string_view got)
    : std::runtime_error(sentence(function, subject, wrong, expected, got)) {}

void throw_io_error(std::string_view function, std::string_view path, int error) {
    throw IoError(function, path, std::generic_category().message(error));
}

}  // namespace georgia
