#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

// Note [Strict safetensors]
// The file comes from a stranger. What is read is a subset of the format:
// - a header of at most 16 MiB, inside the file, from '{' to '}'; spaces may follow, as writers
//   pad with them;
// - in it one JSON object in UTF-8 without a name that comes twice, of objects, lists, texts and
//   whole numbers: a sign, a point, true, false and null have no use in this format. It has three
//   levels, so a fourth is refused; so are more than 256 bytes of space or digits in one piece;
// - at most 10,000 tensors: rank at most 8, six element types, no field beside the three. A name
//   has 1 to 256 bytes and no ASCII control character, an escaped one (\u0000) neither, because
//   names stand in messages. At most 10,000 metadata texts, which may hold any character;
// - bytes equal to the product of the sides, which fits 63 bits even when sides of zero are taken
//   as one, because torch computes strides so;
// - data that follow each other from 0 to the end of the file without gap or overlap.
// Every number is checked before memory is taken by it. Parsing takes at most eight times the
// header and 1 MiB beside the header itself: nlohmann tells events and builds no tree, the limits
// stop it where they are passed, and require_sound_tokens looks at the bytes first. Without that
// look nlohmann would print a damaged token of megabytes, with the space before it, into several
// messages at once. What is left is a sound token in a wrong place: two growing buffers, one copy.

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
/// the file. Free of torch, so that a fuzzer can reach it alone.
SafetensorsHeader parse_safetensors_header(
    std::string_view json, std::uint64_t data_bytes, std::string_view file);

}  // namespace georgia
