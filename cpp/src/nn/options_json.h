#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <type_traits>
#include <vector>

#include "georgia/base/options.h"

namespace georgia {

/// Options to JSON by their list of fields; see Note [One list of fields per options struct].
template <class Value>
nlohmann::json options_to_json(const Value& value) {
    if constexpr (Options<Value>) {
        nlohmann::json object = nlohmann::json::object();
        for_each_field<Value>(
            [&](const auto& field) { object[field.name] = options_to_json(value.*field.member); });
        return object;
    } else if constexpr (IsVector<Value>::value) {
        nlohmann::json list = nlohmann::json::array();
        for (const auto& element : value) list.push_back(options_to_json(element));
        return list;
    } else if constexpr (std::is_enum_v<Value>) {
        return std::string(name_of(value));
    } else {
        return value;
    }
}

/// The reverse. A field that is absent keeps its default, so that older files stay readable.
template <class Value>
void options_from_json(const nlohmann::json& json, Value& value) {
    if constexpr (Options<Value>) {
        for_each_field<Value>([&](const auto& field) {
            if (json.contains(field.name))
                options_from_json(json.at(field.name), value.*field.member);
        });
    } else if constexpr (IsVector<Value>::value) {
        value.clear();
        for (const auto& element : json) options_from_json(element, value.emplace_back());
    } else if constexpr (std::is_enum_v<Value>) {
        value = enum_from<Value>("name", json.get<std::string>());
    } else {
        value = json.get<Value>();
    }
}

}  // namespace georgia
