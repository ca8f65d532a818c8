#pragma once

#include <cstdint>
#include <span>

namespace georgia {

/// Throws InvalidOption unless every index is that of one of so many classes.
void check_class_indices(
    const char* subject,
    const char* option,
    std::span<const std::int64_t> indices,
    std::int64_t classes);

}  // namespace georgia
