#include "analysis/class_indices.h"

#include <string>

#include "georgia/base/error.h"

namespace georgia {

void check_class_indices(
    const char* subject,
    const char* option,
    std::span<const std::int64_t> indices,
    std::int64_t classes) {
    for (const std::int64_t index : indices)
        if (index < 0 || index >= classes)
            throw InvalidOption(
                subject,
                option,
                "class index out of range",
                "0 to " + std::to_string(classes - 1),
                std::to_string(index));
}

}  // namespace georgia
