#include "nn/safetensors_header.h"

#include <algorithm>
#include <limits>
#include <nlohmann/json.hpp>
#include <utility>

#include "georgia/base/error.h"

#include "nn/strict_json.h"

// Note [Strict safetensors]
// The file comes from a stranger. Header at most 16 MiB and inside the file; one JSON object
// without duplicate keys, at most four levels deep; at most 10,000 tensors, names of at most 256
// bytes, rank at most 8; six element types; products checked before multiplying; data contiguous
// from 0 to the end of the file. Every number is checked before memory is taken by it.

namespace georgia {
namespace {

using Json = nlohmann::json;

constexpr std::size_t kMaxTensors = 10'000;
constexpr std::size_t kMaxNameBytes = 256;
constexpr std::size_t kMaxRank = 8;
constexpr int kMaxDepth = 4;

const std::map<std::string, std::uint64_t, std::less<>> kTypeBytes{
    {"F64", 8}, {"I64", 8}, {"F32", 4}, {"F16", 2}, {"BF16", 2}, {"U8", 1}};

[[noreturn]] void refuse(std::string_view subject, std::string_view wrong) {
    throw BadInput("read_weights", subject, wrong);
}

std::uint64_t whole_number(const Json& value, std::string_view subject) {
    if (!value.is_number_unsigned()) refuse(subject, "a size in the header is not a whole number");
    return value.get<std::uint64_t>();
}

std::uint64_t byte_count(const TensorEntry& entry, std::string_view subject) {
    std::uint64_t bytes = kTypeBytes.find(entry.type)->second;
    for (const std::int64_t side : entry.shape) {
        const auto factor = static_cast<std::uint64_t>(side);
        if (factor != 0 && bytes > std::numeric_limits<std::int64_t>::max() / factor)
            refuse(subject, entry.name + " is too large");
        bytes *= factor;
    }
    return bytes;
}

TensorEntry parse_entry(const std::string& name, const Json& value, std::string_view subject) {
    if (name.empty() || name.size() > kMaxNameBytes) refuse(subject, "a tensor's name is too long");
    if (!value.is_object() || value.size() != 3 || !value.contains("dtype") ||
        !value.contains("shape") || !value.contains("data_offsets"))
        refuse(subject, name + " is not described by dtype, shape and data_offsets");
    TensorEntry entry;
    entry.name = name;
    const Json& type = value["dtype"];
    if (!type.is_string() || !kTypeBytes.contains(type.get<std::string>()))
        refuse(subject, name + " has an unknown dtype");
    entry.type = type;
    const Json& shape = value["shape"];
    if (!shape.is_array() || shape.size() > kMaxRank) refuse(subject, name + " has no valid shape");
    for (const Json& side : shape) {
        const std::uint64_t number = whole_number(side, subject);
        if (number > std::numeric_limits<std::int64_t>::max())
            refuse(subject, name + " is too large");
        entry.shape.push_back(static_cast<std::int64_t>(number));
    }
    const Json& offsets = value["data_offsets"];
    if (!offsets.is_array() || offsets.size() != 2) refuse(subject, name + " has no valid offsets");
    entry.begin = whole_number(offsets[0], subject);
    entry.end = whole_number(offsets[1], subject);
    if (entry.begin > entry.end || entry.end - entry.begin != byte_count(entry, subject))
        refuse(subject, name + " has offsets that do not fit its shape");
    return entry;
}

void require_contiguous(
    const std::vector<TensorEntry>& entries, std::uint64_t data_bytes, std::string_view subject) {
    std::uint64_t at = 0;
    for (const TensorEntry& entry : entries) {
        if (entry.begin != at) refuse(subject, "tensors overlap or leave a gap at " + entry.name);
        at = entry.end;
    }
    if (at != data_bytes)
        throw BadInput(
            "read_weights",
            subject,
            "the file is cut short or has bytes to spare",
            std::to_string(at) + " bytes of tensors",
            std::to_string(data_bytes));
}

}  // namespace

SafetensorsHeader parse_safetensors_header(
    std::string_view json, std::uint64_t data_bytes, std::string_view subject) {
    if (json.empty() || json.front() != '{')
        refuse(subject, "not a safetensors file: its header is not a JSON object");
    const Json root = parse_strict_json(json, kMaxDepth, subject);
    if (root.size() > kMaxTensors + 1) refuse(subject, "more than 10,000 tensors");
    SafetensorsHeader header;
    for (const auto& [name, value] : root.items()) {
        if (name != "__metadata__") {
            header.tensors.push_back(parse_entry(name, value, subject));
            continue;
        }
        if (!value.is_object()) refuse(subject, "the metadata is not an object");
        for (const auto& [key, text] : value.items()) {
            if (!text.is_string()) refuse(subject, "the metadata holds something else than text");
            header.metadata[key] = text;
        }
    }
    std::sort(header.tensors.begin(), header.tensors.end(), [](const auto& a, const auto& b) {
        return std::pair(a.begin, a.end) < std::pair(b.begin, b.end);
    });
    require_contiguous(header.tensors, data_bytes, subject);
    return header;
}

}  // namespace georgia
