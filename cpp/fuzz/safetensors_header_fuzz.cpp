#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <iostream>
#include <nlohmann/json.hpp>
#include <string_view>

#include "georgia/base/error.h"

#include "nn/safetensors_header.h"

// An input is the length of the data, eight bytes, and the header. The parser may take it or refuse
// it with BadInput. What it takes is compared with what nlohmann's tree of the same bytes says,
// and with the limits of Note [Strict safetensors] in the parser's header.

namespace {

using Json = nlohmann::json;
using namespace georgia;

constexpr std::string_view kSubject = "input";

void require(bool is_true, const char* claim) {
    if (is_true) return;
    std::cerr << "violated: " << claim << '\n';
    std::abort();
}

std::uint64_t bytes_of_type(std::string_view type) {
    if (type == "F64" || type == "I64") return 8;
    if (type == "F32") return 4;
    if (type == "F16" || type == "BF16") return 2;
    require(type == "U8", "one of six types");
    return 1;
}

void check_tensor(const TensorEntry& entry, std::uint64_t begin, const Json& tree) {
    require(!entry.name.empty() && entry.name.size() <= 256, "a name has 1 to 256 bytes");
    require(entry.shape.size() <= 8, "rank is at most 8");
    __extension__ unsigned __int128 bytes = bytes_of_type(entry.type);
    for (const std::int64_t side : entry.shape) {
        require(side >= 0, "no side is negative");
        bytes *= static_cast<std::uint64_t>(side);
        require(bytes >> 63 == 0, "the product fits 63 bits");
    }
    require(entry.begin == begin, "a tensor begins where the one before it ends");
    require(entry.end - entry.begin == bytes, "offsets span the product of the sides");
    const Json& described = tree.at(entry.name);
    require(described.size() == 3, "three fields describe a tensor");
    require(described.at("dtype") == entry.type, "the type is the header's");
    require(described.at("shape") == entry.shape, "the shape is the header's");
    require(described.at("data_offsets") == Json({entry.begin, entry.end}), "offsets are, too");
}

void check(const SafetensorsHeader& header, std::string_view json, std::uint64_t data_bytes) {
    const Json tree = Json::parse(json);
    require(header.tensors.size() <= 10'000, "at most 10,000 tensors");
    require(header.metadata.size() <= 10'000, "at most 10,000 metadata texts");
    const bool has_metadata = tree.contains("__metadata__");
    require(tree.size() == header.tensors.size() + (has_metadata ? 1 : 0), "no tensor is lost");
    require(has_metadata || header.metadata.empty(), "metadata come from the header");
    if (has_metadata) require(tree["__metadata__"] == Json(header.metadata), "metadata are kept");
    std::uint64_t begin = 0;
    for (const TensorEntry& entry : header.tensors) {
        check_tensor(entry, begin, tree);
        begin = entry.end;
    }
    require(begin == data_bytes, "tensors fill the file");
}

void check_message(std::string_view message) {
    require(message.starts_with("[read_weights] input: "), "a message says who speaks of what");
    require(message.size() < 1000, "a message is short");
    const auto is_control = [](unsigned char byte) { return byte < 0x20 || byte == 0x7f; };
    require(std::ranges::none_of(message, is_control), "a message is plain text");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    std::uint64_t data_bytes = 0;
    if (size < sizeof(data_bytes)) return 0;
    std::memcpy(&data_bytes, data, sizeof(data_bytes));
    std::string_view json(
        reinterpret_cast<const char*>(data) + sizeof(data_bytes), size - sizeof(data_bytes));
    try {
        check(parse_safetensors_header(json, data_bytes, kSubject), json, data_bytes);
    } catch (const BadInput& error) {
        check_message(error.what());
    }
    return 0;
}
