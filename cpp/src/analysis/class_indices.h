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

/// Throws InvalidOption unless there is a row of so many values for each label, and labels are
/// class indices.
void check_rows(
    const char* subject,
    std::span<const float> rows,
    std::int64_t classes,
    std::span<const std::int64_t> labels);

}  // namespace georgia
