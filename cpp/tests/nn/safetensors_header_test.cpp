#include "nn/safetensors_header.h"

#include <algorithm>
#include <cstdlib>
#include <malloc.h>
#include <new>
#include <string>

#include "georgia/base/error.h"

#include "catch.h"

using namespace georgia;

// What a thread has taken from the heap and not given back, and the most it ever was. Not under
// the address sanitizer, which has operators of its own and pairs them with each other.
#ifndef __SANITIZE_ADDRESS__
namespace {

thread_local std::int64_t held_bytes = 0;
thread_local std::int64_t peak_bytes = 0;

}  // namespace

void* operator new(std::size_t size) {
    void* block = std::malloc(size);
    if (block == nullptr) throw std::bad_alloc();
    held_bytes += static_cast<std::int64_t>(::malloc_usable_size(block));
    peak_bytes = std::max(peak_bytes, held_bytes);
    return block;
}

void operator delete(void* block) noexcept {
    if (block != nullptr) held_bytes -= static_cast<std::int64_t>(::malloc_usable_size(block));
    std::free(block);
}

void operator delete(void* block, std::size_t) noexcept {
    operator delete(block);
}
#endif

namespace {

constexpr std::size_t kFull = kMaxHeaderBytes;

std::string tensor(
    const std::string& name,
    const std::string& type,
    const std::string& shape,
    const std::string& offsets) {
    return '"' + name + R"(":{"dtype":")" + type + R"(","shape":[)" + shape +
           R"(],"data_offsets":[)" + offsets + "]}";
}

/// A good tensor of one byte.
std::string byte_at(const std::string& name, std::size_t at) {
    return tensor(name, "U8", "1", std::to_string(at) + ',' + std::to_string(at + 1));
}

std::string object(const std::string& first, const std::string& second = {}) {
    return '{' + first + (second.empty() ? "" : ',' + second) + '}';
}

/// What the parser says to a header, nothing when it takes it.
std::string fault(const std::string& json, std::uint64_t data_bytes = 4) {
    try {
        parse_safetensors_header(json, data_bytes, "w");
    } catch (const BadInput& error) {
        return error.what();
    }
    return {};
}

std::string metadata(const std::string& texts) {
    return R"({"__metadata__":{)" + texts + "}}";
}

std::string repeated(std::string_view part, std::size_t size) {
    std::string text;
    while (text.size() < size) text += part;
    text.resize(size);
    return text;
}

/// Many parts `make(i)` with commas between, up to a size.
template <typename Make>
std::string many(std::size_t count, std::size_t max_bytes, Make make) {
    std::string text;
    for (std::size_t i = 0; i < count && text.size() < max_bytes; ++i) {
        if (i > 0) text += ',';
        text += make(i);
    }
    return text;
}

}  // namespace

#define CHECK_FAULT(message, ...) CHECK_THAT(fault(__VA_ARGS__), ContainsSubstring(message))

TEST_CASE("the six types, every rank and an empty file are read") {
    const auto header = parse_safetensors_header(
        object(
            tensor("e", "U8", "0,5", "29,29") + ',' + tensor("f", "F64", "1,1,1,1,1,1,1,1", "0,8"),
            tensor("g", "I64", "1", "8,16") + ',' + tensor("h", "F32", "", "16,20") + ',' +
                tensor("i", "F16", "2", "20,24") + ',' + tensor("j", "BF16", "2,1", "24,28") + ',' +
                tensor("k", "U8", "1", "28,29")),
        29,
        "w");
    std::string names;
    std::string types;
    for (const TensorEntry& entry : header.tensors) {
        names += entry.name;
        types += entry.type + ' ';
    }
    CHECK(names == "fghijke");
    CHECK(types == "F64 I64 F32 F16 BF16 U8 U8 ");
    CHECK(header.tensors[0].shape == std::vector<std::int64_t>(8, 1));
    CHECK(header.tensors[2].shape.empty());
    CHECK(header.tensors[4].begin == 24);
    CHECK(header.tensors[6].shape == std::vector<std::int64_t>{0, 5});
    CHECK(parse_safetensors_header("{}", 0, "w").tensors.empty());
    CHECK(fault(metadata(""), 0).empty());
}

TEST_CASE("space between tokens and padding at the end are read") {
    CHECK(fault("{ \"a\" :\n{\t\"dtype\":\"U8\",\"shape\":[ ],\"data_offsets\":[0,1]}\r}  ", 1)
              .empty());
    CHECK(fault("{}" + std::string(kFull - 2, ' '), 0).empty());
    CHECK(fault("{}\n", 0).empty());
    CHECK(fault('{' + std::string(256, ' ') + '}', 0).empty());
    CHECK_FAULT("a long run of space", '{' + std::string(257, ' ') + '}', 0);
}

TEST_CASE("names and metadata keep what their escapes say") {
    const auto header = parse_safetensors_header(
        R"({"__metadata__":{"k\u0000":"\"\\\/\b\f\n\r\t\u0000é\u00e9\uD83D\ude00"},)" +
            byte_at(R"(a\u00e9\"\ud83d\ude00é)", 0) + '}',
        1,
        "w");
    using namespace std::string_literals;
    CHECK(header.metadata.at("k\0"s) == "\"\\/\b\f\n\r\t\0éé😀"s);
    CHECK(header.tensors[0].name == "aé\"😀é");
    CHECK(fault(object(byte_at(std::string(256, 'n'), 0)), 1).empty());
    CHECK(fault(object(byte_at(repeated("\\u0041", 6 * 256), 0)), 1).empty());
}

TEST_CASE("what is no JSON object is refused") {
    CHECK_FAULT("[read_weights] w: not a safetensors file: its header is not a JSON object", "");
    CHECK_FAULT("not a JSON object", "not json");
    CHECK_FAULT("not a JSON object", "[]");
    CHECK_FAULT("not a JSON object", ' ' + object(byte_at("a", 0)), 1);
    CHECK_FAULT("not a JSON object", "\xef\xbb\xbf" + object(byte_at("a", 0)), 1);
    CHECK_FAULT("not a JSON object", std::string(kFull, ' '));
    CHECK_FAULT("not JSON: wrong mark or value at byte 2", "{");
    CHECK_FAULT("not JSON: wrong mark or value at byte 3", "{}}", 0);
    CHECK_FAULT("not JSON: wrong mark or value at byte 3", "{}{}", 0);
    CHECK_FAULT("not JSON: wrong mark or value at byte 2", "{,}", 0);
    CHECK_FAULT("not JSON: wrong mark or value", '{' + byte_at("a", 0) + ",}", 1);
    CHECK_FAULT("not JSON: wrong mark or value", '{' + byte_at("a", 0) + ']', 1);
    CHECK_FAULT("not JSON: wrong mark or value", object(tensor("a", "U8", "01", "0,1")), 1);
    CHECK_FAULT("not JSON: wrong mark or value", R"({"a" "b"})");
    CHECK_FAULT("not JSON: wrong mark or value", R"({"a"})");
}

TEST_CASE("characters without use in the format are refused") {
    CHECK_FAULT("got a at byte 1", "{a:1}");
    CHECK_FAULT("got / at byte 2", "{}// comment", 0);
    CHECK_FAULT("got another character at byte 2", std::string("{}\0garbage", 10), 0);
    CHECK_FAULT("got another character at byte 1", "{\xff}", 0);
    CHECK_FAULT("got another character at byte 1", "{\x7f}", 0);
    CHECK_FAULT(
        "more than objects, lists, texts, whole numbers; got - at",
        object(tensor("a", "U8", "-1", "0,1")));
    CHECK_FAULT("got - at", object(tensor("a", "U8", "1", "-1,0")));
    CHECK_FAULT("got . at", object(tensor("a", "U8", "1.0", "0,1")));
    CHECK_FAULT("got e at", object(tensor("a", "U8", "1", "0,1e0")));
    CHECK_FAULT("got t at", object(tensor("a", "U8", "true", "0,1")));
    CHECK_FAULT("got f at", R"({"a":false})");
    CHECK_FAULT("got n at", R"({"__metadata__":null})");
    CHECK_FAULT("got N at", object(tensor("a", "U8", "NaN", "0,1")));
}

TEST_CASE("texts that are not sound are refused") {
    const auto text = [](const std::string& inside) { return metadata("\"k\":\"" + inside + '"'); };
    CHECK(
        fault(text("\xf4\x8f\xbf\xbf\xed\x9f\xbf\xc2\x80\xe0\xa0\x80\xf0\x90\x80\x80"), 0).empty());
    for (const char* damaged :
         {"\x80",
          "\xc1\xbf",
          "\xe0\x9f\xbf",
          "\xed\xa0\x80",
          "\xf0\x8f\xbf\xbf",
          "\xf4\x90\x80\x80",
          "\xf5\x80\x80\x80",
          "\xc3",
          "\xe2\x82",
          "\xf0\x9f\x98",
          "\xff"}) {
        INFO(damaged);
        CHECK_FAULT("no UTF-8 at byte 22", text(damaged), 0);
        CHECK_FAULT("no UTF-8 at byte 2", object(byte_at(damaged, 0)), 1);
    }
    for (const char* damaged :
         {"\\x41",
          "\\u12",
          "\\u12g4",
          "\\u+123",
          "\\ud800",
          "\\udc00",
          "\\ud800\\u0041",
          "\\ud800\\n"}) {
        INFO(damaged);
        CHECK_FAULT("wrong escape at byte 22", text(damaged), 0);
    }
    CHECK_FAULT("control character at byte 22", text("\n"), 0);
    CHECK_FAULT("control character at byte 22", text(std::string(1, '\0')), 0);
    CHECK_FAULT("text without end at byte 1", R"({"abc)");
    CHECK_FAULT("text without end at byte 1", R"({"abc\")");
    CHECK_FAULT("wrong escape at byte 5", R"({"abc\)");
}

TEST_CASE("a tensor is named once, briefly and visibly") {
    CHECK_FAULT("names a twice", object(byte_at("a", 0), byte_at("a", 0)), 1);
    CHECK_FAULT("names a twice", object(byte_at("a", 0), byte_at("\\u0061", 1)), 2);
    CHECK_FAULT("empty or longer than 256 bytes", object(byte_at("", 0)));
    CHECK_FAULT("empty or longer than 256 bytes", object(byte_at(std::string(257, 'n'), 0)));
    CHECK_FAULT("empty or longer than 256 bytes", object(byte_at(repeated("é", 258), 0)));
    CHECK_FAULT("a control character in it", object(byte_at("a\\u0000", 0)));
    CHECK_FAULT("a control character in it", object(byte_at("\\u001b[2J", 0)));
    CHECK_FAULT("a control character in it", object(byte_at("\x7f", 0)));
    CHECK_FAULT("a has its shape twice", R"({"a":{"shape":[],"dtype":"U8","shape":[]}})");
    CHECK_FAULT("a has its dtype twice", R"({"a":{"dtype":"U8","dtype":"U8"}})");
    CHECK_FAULT(
        "a has its data_offsets twice", R"({"a":{"data_offsets":[0,0],"data_offsets":[]}})");
}

TEST_CASE("metadata are one object of texts") {
    CHECK_FAULT("the metadata names something twice", metadata(R"("k":"","k":"")"));
    CHECK_FAULT("has __metadata__ twice", R"({"__metadata__":{},"__metadata__":{}})");
    CHECK_FAULT("not an object of texts; got a number", metadata(R"("k":1)"));
    CHECK_FAULT("not an object of texts; got a nested object", metadata(R"("k":{})"));
    CHECK_FAULT("not an object of texts; got a nested list", metadata(R"("k":[])"));
    CHECK_FAULT("not an object of texts; got a text", R"({"__metadata__":"k"})");
    CHECK_FAULT("not an object of texts; got a nested list", R"({"__metadata__":[]})");
}

TEST_CASE("a tensor is dtype, shape and data_offsets, each of its kind") {
    CHECK_FAULT("a is not described; expected an object, got a text", R"({"a":"b"})");
    CHECK_FAULT("a is not described; expected an object, got a nested list", R"({"a":[]})");
    CHECK_FAULT("a is not described by dtype, shape and data_offsets", R"({"a":{}})");
    CHECK_FAULT("a is not described by", R"({"a":{"dtype":"U8","shape":[]}})");
    CHECK_FAULT("a has a field beside", R"({"a":{"b":{"c":{"d":{"e":{}}}}}})");
    CHECK_FAULT("a has an unknown dtype", object(tensor("a", "F99", "1", "0,4")));
    CHECK_FAULT("a has an unknown dtype", object(tensor("a", "f32", "1", "0,4")));
    CHECK_FAULT("a's dtype is wrong; expected a text, got a number", R"({"a":{"dtype":1}})");
    CHECK_FAULT("a's dtype is wrong; expected a text, got a nested list", R"({"a":{"dtype":[]}})");
    CHECK_FAULT("a's shape is wrong; expected a list", R"({"a":{"shape":4}})");
    CHECK_FAULT("got a text", object(tensor("a", "U8", R"("1")", "0,1")));
    CHECK_FAULT("got more numbers", object(tensor("a", "U8", "1,1,1,1,1,1,1,1,4", "0,4")));
    CHECK_FAULT("got 1 numbers", object(tensor("a", "U8", "1", "1")));
    CHECK_FAULT("got 3 numbers", object(tensor("a", "U8", "1", "0,1,1")));
    CHECK_FAULT(
        "a list of 2 whole numbers, got a text", object(tensor("a", "U8", "1", R"("0",1)")));
}

TEST_CASE("a fourth level is refused") {
    CHECK_FAULT(
        "a's shape is wrong; expected a list of at most 8 whole numbers, got a nested list",
        R"({"a":{"shape":[[1]]}})");
    CHECK_FAULT("got a nested object", R"({"a":{"data_offsets":[{}]}})");
    CHECK_FAULT("got a nested object", metadata(R"("k":{"k":{"k":{}}})"));
}

TEST_CASE("sizes that do not fit are refused before they are multiplied") {
    const auto offsets = " has offsets that do not fit its shape; expected ";
    CHECK_FAULT(
        std::string("a") + offsets + "8 bytes, got 0 to 4", object(tensor("a", "F32", "2", "0,4")));
    CHECK_FAULT(
        std::string("a") + offsets + "4 bytes, got 4 to 0", object(tensor("a", "F32", "1", "4,0")));
    CHECK_FAULT("4 bytes, got 0 to 0", object(tensor("a", "F32", "", "0,0")));
    CHECK_FAULT("0 bytes, got 0 to 4", object(tensor("a", "F32", "0,4", "0,4")));
    CHECK_FAULT("a is too large", object(tensor("a", "F32", "4611686018427387905", "0,4")));
    CHECK_FAULT("a is too large", object(tensor("a", "U8", "4294967296,4294967296,4", "0,0")));
    CHECK_FAULT("a is too large", object(tensor("a", "U8", "65536,65536,65536,65536,4", "0,4")));
    CHECK_FAULT("a is too large", object(tensor("a", "F64", "2,1152921504606846976", "0,0")), 0);
    for (const char* shape :
         {"0,4294967296,4294967296", "4294967296,0,4294967296", "4294967296,4294967296,0"})
        CHECK_FAULT("a is too large", object(tensor("a", "U8", shape, "0,0")), 0);
    CHECK(fault(object(tensor("a", "U8", "0,9223372036854775807", "0,0")), 0).empty());
    CHECK_FAULT(
        "a number that is too large", object(tensor("a", "U8", "9223372036854775808", "0,4")));
    CHECK_FAULT(
        "a number that is too large", object(tensor("a", "U8", "18446744073709551616", "0,4")));
    CHECK_FAULT(
        "a number that is too large", object(tensor("a", "U8", "1", "18446744073709551615,0")));
    CHECK_FAULT(
        "a number that is too large", object(tensor("a", "U8", std::string(256, '9'), "0,4")));
    CHECK_FAULT(
        "a long run of space or digits", object(tensor("a", "U8", std::string(257, '9'), "0,4")));
}

TEST_CASE("tensors that overlap, leave a gap or miss the end are refused") {
    const std::string first = tensor("a", "U8", "2", "0,2");
    CHECK(fault(object(tensor("b", "U8", "2", "2,4"), first)).empty());
    CHECK_FAULT(
        "b overlaps another tensor; expected offset 2, got 1",
        object(first, tensor("b", "U8", "3", "1,4")));
    CHECK_FAULT("b overlaps another", object(first, tensor("b", "U8", "2", "0,2")), 2);
    CHECK_FAULT(
        "b overlaps another", object(tensor("a", "U8", "4", "0,4"), tensor("b", "U8", "0", "2,2")));
    CHECK_FAULT("b leaves a gap; expected offset 2, got 3", object(first, byte_at("b", 3)));
    CHECK_FAULT("a leaves a gap; expected offset 0, got 3", object(byte_at("a", 3)));
    CHECK_FAULT("cut short; expected 2 bytes of tensors, got 1", object(first), 1);
    CHECK_FAULT("cut short", object(first, tensor("b", "U8", "9000000", "2,9000002")));
    CHECK_FAULT(
        "the file has bytes behind its tensors; expected 2 bytes of tensors, got 4", object(first));
    CHECK_FAULT("bytes behind its tensors", "{}");
}

TEST_CASE("ten thousand of each and no more") {
    const auto bytes = [](std::size_t i) { return byte_at(std::to_string(i), i); };
    const auto texts = [](std::size_t i) { return '"' + std::to_string(i) + R"(":"")"; };
    const auto slice = [](std::size_t i) { return byte_at(std::to_string(i), 0); };
    CHECK(fault(object(many(10'000, kFull, bytes)), 10'000).empty());
    CHECK_FAULT("more than 10,000 tensors", object(many(10'001, kFull, bytes)), 10'001);
    CHECK_FAULT("more than 10,000 tensors", object(many(100'000, kFull, slice)), 1);
    CHECK_FAULT(
        "overlaps another tensor; expected offset 1, got 0", object(many(1'000, kFull, slice)), 1);
    CHECK(fault(metadata(many(10'000, kFull, texts)), 0).empty());
    CHECK_FAULT("more than 10,000 metadata texts", metadata(many(10'001, kFull, texts)), 0);
}

#ifndef __SANITIZE_ADDRESS__
TEST_CASE("parsing takes at most eight times the header and 1 MiB") {
    const std::string most(kFull - 64, 'x');
    const std::string worst((kFull >> 1) + 1, 'x');  // buffers that double have just doubled
    const auto number = [](std::size_t i) { return std::to_string(i); };
    const auto text = [&](std::size_t i) { return '"' + number(i) + R"(":"")"; };
    const auto long_text = [&](std::size_t i) {
        return '"' + number(i) + worst.substr(0, 800) + R"(":")" + worst.substr(0, 800) + '"';
    };
    const auto slice = [&](std::size_t i) { return byte_at(number(i), 0); };
    const auto scalar = [&](std::size_t i) { return tensor(number(i), "U8", "0", "0,0"); };
    const auto large = [&](std::size_t i) {
        return tensor(number(i) + worst.substr(0, 250), "U8", "0,1,1,1,1,1,1,1", "0,0");
    };
    const std::pair<const char*, std::string> headers[]{
        {"lists", repeated("[", kFull)},
        {"lists in a tensor", R"({"a":)" + repeated("[", kFull - 5)},
        {"objects", repeated(R"({"a":{)", kFull)},
        {"numbers in a shape", R"({"a":{"shape":[)" + repeated("1,", kFull - 15)},
        {"digits", R"({"a":{"shape":[)" + repeated("1", kFull - 15)},
        {"newlines", "{" + repeated("\n", kFull - 2) + 'x'},
        {"space behind", "{}" + repeated(" ", kFull - 2)},
        {"a name", object(byte_at(most, 0))},
        {"a metadata name", metadata('"' + most + R"(":"")")},
        {"a metadata text", metadata(R"("k":")" + most.substr(8) + '"')},
        {"a metadata text, just doubled", metadata(R"("k":")" + worst + '"')},
        {"escapes", metadata(R"("k":")" + repeated("\\u0041", worst.size() / 6 * 6) + '"')},
        {"two metadata texts",
         metadata(R"("k":")" + worst.substr(64) + R"(","l":")" + worst.substr(64) + '"')},
        {"a text without end", R"({"__metadata__":{"k":")" + worst},
        {"a wrong escape", metadata(R"("k":")" + worst + R"(\x")")},
        {"no UTF-8", metadata(R"("k":")" + worst + "\xff\"")},
        {"a text for a mark", R"({"__metadata__":{} ")" + worst + R"("})"},
        {"a mark for another", R"({"__metadata__":{"k":")" + worst + R"("]}})"},
        {"a wrong literal", R"({"__metadata__":{"k":")" + worst + R"("},x})"},
        {"a dtype", R"({"a":{"dtype":")" + worst + R"("}})"},
        {"a field", R"({"a":{")" + worst + R"(":0}})"},
        {"endless metadata", metadata(many(kFull, kFull - 64, text))},
        {"most metadata, long", metadata(many(10'000, kFull - 2048, long_text))},
        {"most metadata, short", metadata(many(10'000, kFull, text))},
        {"100,000 names on one slice", object(many(100'000, kFull, slice))},
        {"most tensors, short", object(many(10'000, kFull, scalar))},
        {"most tensors, long", object(many(10'000, kFull, large))}};
    for (const auto& [name, json] : headers) {
        REQUIRE(json.size() <= kFull);
        const std::int64_t before = peak_bytes = held_bytes;
        const bool is_read = fault(json, 0).empty();
        const std::int64_t taken = peak_bytes - before;
        const auto size = static_cast<std::int64_t>(json.size());
        INFO(
            name << ": " << size << " bytes " << (is_read ? "read" : "refused") << " with "
                 << static_cast<double>(taken) / static_cast<double>(size) << " times that");
        CHECK(taken <= 8 * size + (1 << 20));
    }
}
#endif
