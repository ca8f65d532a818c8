#pragma once

#include <array>
#include <cstddef>
#include <limits>
#include <sstream>
#include <string>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <vector>

#include "georgia/base/error.h"

// Note [One list of fields per options struct]
// Beside each options struct stands one constexpr tuple of Field. The Python class, its docstring,
// repr, to_dict, from_dict and equality, the JSON in model files, and the range check are all
// derived from it, so there is no second place where an option is named.

namespace georgia {

/// One member of an options struct: its name, range, unit and meaning.
template <class Owner, class Value>
struct Field {
    const char* name;
    Value Owner::* member;
    const char* unit;  ///< "pixels", "degrees"; empty for names and switches
    const char* doc;
    double minimum = -std::numeric_limits<double>::infinity();
    double maximum = std::numeric_limits<double>::infinity();
};

/// The names of an enum's values in order; specialised beside each enum that is an option.
template <class Enum>
struct EnumNames;

template <class Enum>
std::string_view name_of(Enum value) {
    return EnumNames<Enum>::kNames[static_cast<std::size_t>(value)];
}

/// The value of that name; refused with the list of names there are.
template <class Enum>
Enum enum_from(std::string_view field, std::string_view name) {
    const auto& names = EnumNames<Enum>::kNames;
    std::string known;
    for (std::size_t i = 0; i < names.size(); ++i) {
        if (names[i] == name) return static_cast<Enum>(i);
        known.append(i == 0 ? "" : ", ").append(names[i]);
    }
    throw InvalidOption("options", field, "unknown value", "one of " + known, name);
}

template <class Value>
struct IsVector : std::false_type {};
template <class Value>
struct IsVector<std::vector<Value>> : std::true_type {};

/// A struct with a list of fields of its own.
template <class Value>
concept Options = requires { Value::fields(); };

/// Calls visit(field) for every field of an options struct.
template <class Owner, class Visit>
constexpr void for_each_field(Visit visit) {
    std::apply([&](const auto&... field) { (visit(field), ...); }, Owner::fields());
}

/// Checks every numeric field against its stated range, nested options too.
template <class Owner>
void check_ranges(const Owner& options);

template <class Owner, class Value>
void check_field(const Owner& options, const Field<Owner, Value>& field) {
    const Value& value = options.*field.member;
    const auto refuse_outside = [&](auto number) {
        const auto as_double = static_cast<double>(number);
        if (as_double >= field.minimum && as_double <= field.maximum) return;
        std::ostringstream expected;
        std::ostringstream got;
        expected << field.minimum << " to " << field.maximum;
        if (*field.unit != '\0') expected << " " << field.unit;
        got << number;
        throw InvalidOption("options", field.name, "out of range", expected.str(), got.str());
    };
    if constexpr (Options<Value>) {
        value.validate();
    } else if constexpr (IsVector<Value>::value) {
        if constexpr (Options<typename Value::value_type>) {
            for (const auto& element : value) element.validate();
        } else if constexpr (std::is_arithmetic_v<typename Value::value_type>) {
            for (const auto& element : value) refuse_outside(element);
        }
    } else if constexpr (std::is_arithmetic_v<Value> && !std::is_same_v<Value, bool>) {
        refuse_outside(value);
    }
}

template <class Owner>
void check_ranges(const Owner& options) {
    for_each_field<Owner>([&](const auto& field) { check_field(options, field); });
}

}  // namespace georgia
