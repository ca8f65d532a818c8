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

void check_rows(
    const char* subject,
    std::span<const float> rows,
    std::int64_t classes,
    std::span<const std::int64_t> labels) {
    const auto k = static_cast<std::size_t>(classes);
    if (rows.size() != labels.size() * k)
        throw InvalidOption(
            subject,
            "labels",
            "one for each row",
            std::to_string(k == 0 ? 0 : rows.size() / k),
            std::to_string(labels.size()));
    check_class_indices(subject, "labels", labels, classes);
}

}  // namespace georgia
