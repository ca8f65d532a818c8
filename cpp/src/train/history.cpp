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

/// As a cell: quoted where it holds a comma, a quote or the end of a line.
std::string cell(const std::string& text) {
    if (text.find_first_of(",\"\n\r") == std::string::npos) return text;
    std::string quoted = "\"";
    for (const char c : text) quoted.append(c == '"' ? 2 : 1, c);
    return quoted + '"';
}

}  // namespace

std::string history_csv(
    const std::vector<EpochRecord>& history, const std::vector<std::string>& classes) {
    std::string text;
    const auto append = [&](const std::string& next) {
        if (!text.empty() && text.back() != '\n') text += ',';
        text += next;
    };
    for_each_field<EpochRecord>([&](const auto& field) {
        const std::string name = field.name;
        constexpr std::string_view kOfClass = "class_";
        if (!name.starts_with(kOfClass)) return append(name);
        for (const std::string& one : classes)
            append(cell(name.substr(kOfClass.size()) + " of " + one));
    });
    for (const EpochRecord& record : history) {
        text += '\n';
        for_each_field<EpochRecord>([&](const auto& field) {
            const auto& value = record.*field.member;
            if constexpr (IsVector<std::decay_t<decltype(value)>>::value)
                for (std::size_t i = 0; i < classes.size(); ++i)
                    append(i < value.size() ? exact_text(value[i]) : "");
            else
                append(exact_text(value));
        });
    }
    return text + '\n';
}

}  // namespace georgia
