#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace georgia {

/// One tensor as the header of a safetensors file describes it.
struct TensorEntry {
    std::string name;
    std::string type;  ///< F32 F16 BF16 I64 U8 F64
    std::vector<std::int64_t> shape;
    std::uint64_t begin = 0;  ///< bytes from the end of the header
    std::uint64_t end = 0;
};

struct SafetensorsHeader {
    std::map<std::string, std::string> metadata;
    std::vector<TensorEntry> tensors;  ///< sorted by begin, without gap or overlap
};

constexpr std::uint64_t kMaxHeaderBytes = std::uint64_t{16} << 20;

/// Parses and checks the JSON between the length and the data; data_bytes is what follows it in
/// the file. The subject names the file. Free of torch, so that a fuzzer can reach it alone.
SafetensorsHeader parse_safetensors_header(
    std::string_view json, std::uint64_t data_bytes, std::string_view subject);

}  // namespace georgia
