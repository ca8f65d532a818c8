#pragma once

#include <pybind11/pybind11.h>
#include <pybind11/stl.h>
#include <set>
#include <string>

#include "georgia/base/error.h"
#include "georgia/base/options.h"

namespace georgia {

/// A C++ options value as Python sees it in to_dict().
template <class Value>
pybind11::object to_plain(const Value& value) {
    if constexpr (Options<Value>) {
        pybind11::dict dict;
        for_each_field<Value>(
            [&](const auto& field) { dict[field.name] = to_plain(value.*field.member); });
        return dict;
    } else if constexpr (IsVector<Value>::value) {
        pybind11::list list;
        for (const auto& element : value) list.append(to_plain(element));
        return list;
    } else if constexpr (std::is_enum_v<Value>) {
        return pybind11::str(std::string(name_of(value)));
    } else {
        return pybind11::cast(value);
    }
}

/// The annotation of a field in Python.
template <class Value>
std::string python_type() {
    if constexpr (Options<Value>) {
        return pybind11::type::of<Value>().attr("__name__").template cast<std::string>();
    } else if constexpr (IsVector<Value>::value) {
        return "collections.abc.Sequence[" + python_type<typename Value::value_type>() + "]";
    } else if constexpr (std::is_same_v<Value, bool>) {
        return "bool";
    } else if constexpr (std::is_floating_point_v<Value>) {
        return "float";
    } else {
        return std::is_integral_v<Value> ? "int" : "str";
    }
}

/// Sets the fields named in the dict; other names are refused, wrong types too.
template <class Value>
void set_fields(Value& options, const pybind11::dict& values);

template <class Value>
void from_python(pybind11::handle object, const char* name, Value& value) {
    if constexpr (Options<Value>) {
        if (pybind11::isinstance<pybind11::dict>(object))
            set_fields(value, pybind11::reinterpret_borrow<pybind11::dict>(object));
        else
            value = object.template cast<Value>();
    } else if constexpr (IsVector<Value>::value) {
        if (pybind11::isinstance<pybind11::str>(object)) throw pybind11::cast_error();
        value.clear();
        for (const pybind11::handle element : object)
            from_python(element, name, value.emplace_back());
    } else if constexpr (std::is_enum_v<Value>) {
        value = enum_from<Value>(name, object.cast<std::string>());
    } else {
        value = object.cast<Value>();
    }
}

template <class Value>
void set_fields(Value& options, const pybind11::dict& values) {
    std::set<std::string> unknown;
    for (const auto& [name, ignored] : values) unknown.insert(name.template cast<std::string>());
    for_each_field<Value>([&](const auto& field) {
        if (unknown.erase(field.name) == 0) return;
        const pybind11::object given = values[field.name];
        auto& member = options.*field.member;
        using Member = std::remove_reference_t<decltype(member)>;
        try {
            from_python(given, field.name, member);
        } catch (const pybind11::cast_error&) {
            throw InvalidOption(
                "options",
                field.name,
                "wrong type",
                python_type<Member>(),
                pybind11::repr(given).template cast<std::string>());
        } catch (const pybind11::error_already_set& error) {
            if (!error.matches(PyExc_TypeError)) throw;
            throw InvalidOption("options", field.name, "wrong type", python_type<Member>());
        }
    });
    if (!unknown.empty())
        throw InvalidOption("options", *unknown.begin(), "there is no option of this name");
    options.validate();
}

/// "epochs: int = 10, size: int = 128": the constructor's signature from the list of fields.
template <class Value>
std::string signature() {
    std::string text;
    const Value defaults;
    for_each_field<Value>([&](const auto& field) {
        using Member = std::remove_cvref_t<decltype(defaults.*field.member)>;
        std::string shown = "...";
        if constexpr (!Options<Member> && !IsVector<Member>::value)
            shown = pybind11::repr(to_plain(defaults.*field.member)).template cast<std::string>();
        text += std::string(", ") + field.name + ": " + python_type<Member>() + " = " + shown;
    });
    return text;
}

/// One line per field for the class docstring.
template <class Value>
std::string field_docs() {
    std::string text;
    for_each_field<Value>([&](const auto& field) {
        text += std::string("\n") + field.name + " : " + field.doc;
        if (*field.unit != '\0') text += std::string(" (") + field.unit + ")";
    });
    return text;
}

/// Makes the Python class of an options struct; see Note [One list of fields per options struct].
template <class Value>
pybind11::class_<Value> bind_options(pybind11::module_& m, const char* name, const char* doc) {
    namespace py = pybind11;
    py::options no_signatures;
    no_signatures.disable_function_signatures();
    // Static: pybind11 keeps the pointers.
    static std::string class_doc;
    static std::string init_doc;
    static std::string from_doc;
    class_doc = std::string(doc) + "\n" + field_docs<Value>();
    from_doc = std::string("from_dict(values: dict[str, typing.Any]) -> ") + name +
               "\n\nThe reverse of to_dict().";
    py::class_<Value> bound(m, name, class_doc.c_str());
    init_doc = "__init__(self, *" + signature<Value>() + ") -> None\n";
    bound.def(
        py::init([](const py::kwargs& values) {
            Value options;
            set_fields(options, values);
            return options;
        }),
        init_doc.c_str());
    for_each_field<Value>([&](const auto& field) {
        using Member = std::remove_cvref_t<decltype(std::declval<Value>().*field.member)>;
        const auto member = field.member;
        py::cpp_function get = [&] {
            const std::string doc_text = "(self: object) -> " + python_type<Member>();
            if constexpr (Options<Member>) {
                return py::cpp_function(
                    [member](const Value& options) { return options.*member; }, doc_text.c_str());
            } else if constexpr (IsVector<Member>::value) {
                return py::cpp_function(
                    [member](const Value& options) { return py::cast(options.*member); },
                    doc_text.c_str());
            } else {
                return py::cpp_function(
                    [member](const Value& options) { return to_plain(options.*member); },
                    doc_text.c_str());
            }
        }();
        bound.def_property_readonly(field.name, get, field.doc);
    });
    bound.def(
        "to_dict",
        [](const Value& options) { return to_plain(options); },
        "to_dict(self) -> dict[str, typing.Any]\n\nThe options as plain values.");
    bound.def_static(
        "from_dict",
        [](const py::dict& values) {
            Value options;
            set_fields(options, values);
            return options;
        },
        from_doc.c_str());
    bound.def(
        "__eq__",
        [](const Value& left, const py::object& right) {
            return py::isinstance<Value>(right) && left == right.cast<const Value&>();
        },
        "__eq__(self, other: object) -> bool\n");
    bound.attr("__hash__") = py::none();
    bound.def(
        "__repr__",
        [name](const Value& options) {
            std::string text;
            for_each_field<Value>([&](const auto& field) {
                using Member = std::remove_cvref_t<decltype(options.*field.member)>;
                py::object shown;
                if constexpr (Options<Member> || IsVector<Member>::value)
                    shown = py::cast(options.*field.member);
                else
                    shown = to_plain(options.*field.member);
                text += (text.empty() ? "" : ", ") + std::string(field.name) + "=" +
                        py::repr(shown).template cast<std::string>();
            });
            return std::string(name) + "(" + text + ")";
        },
        "__repr__(self) -> str\n");
    return bound;
}

}  // namespace georgia
