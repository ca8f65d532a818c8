#include "georgia/train/history.h"

#include <charconv>

namespace georgia {
namespace {

/// The shortest text that reads back to the same number, in any locale.
template <class Number>
std::string exact_text(Number number) {
    std::array<char, 32> buffer{};
    const auto result = std::to_chars(buffer.data(), buffer.data() + buffer.size(), number);
    return {buffer.data(), result.ptr};
}

}  // namespace

std::string history_csv(const std::vector<EpochRecord>& history) {
    std::string text;
    for_each_field<EpochRecord>(
        [&](const auto& field) { text.append(text.empty() ? "" : ",").append(field.name); });
    for (const EpochRecord& record : history) {
        text += '\n';
        for_each_field<EpochRecord>([&](const auto& field) {
            if (text.back() != '\n') text += ',';
            text += exact_text(record.*field.member);
        });
    }
    return text + '\n';
}

}  // namespace georgia
