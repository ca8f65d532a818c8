#include "georgia/nn/weights.h"

#include <ATen/ATen.h>
#include <cstring>
#include <string>

#include "georgia/base/error.h"
#include "georgia/base/files.h"
#include "georgia/base/sha256.h"

#include "catch.h"
#include "nn/safetensors_header.h"
#include "temporary_folder.h"

using namespace georgia;
using namespace std::string_literals;

namespace {

std::string length_bytes(std::uint64_t length) {
    std::string bytes(sizeof(length), '\0');
    std::memcpy(bytes.data(), &length, sizeof(length));
    return bytes;
}

std::string with_length(const std::string& header, const std::string& data = {}) {
    return length_bytes(header.size()) + header + data;
}

/// What the reader says to a file of these bytes, grown to a size if one is given; nothing when it
/// takes the file.
std::string fault(const std::string& bytes, std::uintmax_t size = 0) {
    const TemporaryFolder folder;
    write_file(folder / "w", bytes);
    if (size != 0) std::filesystem::resize_file(folder / "w", size);  // the rest is a hole
    try {
        read_weights(folder / "w");
    } catch (const BadInput& error) {
        CHECK_THAT(error.what(), ContainsSubstring((folder / "w").string() + ": "));
        return error.what();
    }
    return {};
}

const std::string kOne = R"({"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}})";

}  // namespace

TEST_CASE("tensors and metadata come back as they were") {
    const TemporaryFolder folder;
    const TensorMap tensors{
        {"a", at::arange(6, at::kFloat).view({2, 3})},
        {"b", at::ones({}, at::kLong)},
        {"c", at::ones({3}, at::kBFloat16)},
        {"d", at::arange(5, at::kByte)},
        {"empty", at::empty({0, 4})}};
    const std::string sha = write_weights(folder / "w", tensors, {{"key", "\"text\"\n"}});
    CHECK(sha == sha256_file(folder / "w"));
    const WeightsFile file = read_weights(folder / "w");
    CHECK(file.metadata.at("key") == "\"text\"\n");
    REQUIRE(file.tensors.size() == tensors.size());
    for (const auto& [name, tensor] : tensors) {
        CHECK(file.tensors.at(name).scalar_type() == tensor.scalar_type());
        CHECK(at::equal(file.tensors.at(name), tensor));
    }
}

TEST_CASE("bytes of each type become its tensors") {
    const TemporaryFolder folder;
    const std::string header = R"({"d":{"dtype":"F64","shape":[1],"data_offsets":[0,8]},)"
                               R"("l":{"dtype":"I64","shape":[1],"data_offsets":[8,16]},)"
                               R"("s":{"dtype":"F32","shape":[],"data_offsets":[16,20]},)"
                               R"("h":{"dtype":"F16","shape":[1,1],"data_offsets":[20,22]},)"
                               R"("b":{"dtype":"BF16","shape":[1],"data_offsets":[22,24]},)"
                               R"("u":{"dtype":"U8","shape":[2],"data_offsets":[24,26]},)"
                               R"("z":{"dtype":"F16","shape":[0,3],"data_offsets":[26,26]}}  )";
    const std::string data = "\0\0\0\0\0\0\xf8\x3f"s + "\xfe\xff\xff\xff\xff\xff\xff\xff"s +
                             "\0\0\x20\x40"s + "\0\x38"s + "\x40\xc0"s + "\x07\xff"s;
    write_file(folder / "w", with_length(header, data));
    const TensorMap tensors = read_weights(folder / "w").tensors;
    REQUIRE(tensors.size() == 7);
    CHECK(at::equal(tensors.at("d"), at::full({1}, 1.5, at::kDouble)));
    CHECK(at::equal(tensors.at("l"), at::full({1}, -2, at::kLong)));
    CHECK(at::equal(tensors.at("s"), at::full({}, 2.5, at::kFloat)));
    CHECK(at::equal(tensors.at("h"), at::full({1, 1}, 0.5, at::kHalf)));
    CHECK(at::equal(tensors.at("b"), at::full({1}, -3, at::kBFloat16)));
    CHECK(tensors.at("u")[0].item<int>() == 7);
    CHECK(tensors.at("u")[1].item<int>() == 255);
    CHECK(at::equal(tensors.at("z"), at::empty({0, 3}, at::kHalf)));
}

TEST_CASE("a file without tensors is read") {
    CHECK(fault(with_length("{}")).empty());
    CHECK(fault(with_length(R"({"__metadata__":{}})")).empty());
}

TEST_CASE("a missing file and a folder are the system's errors") {
    const TemporaryFolder folder;
    CHECK_THROWS_AS(read_weights(folder / "missing"), IoError);
    CHECK_THROWS_AS(read_weights(folder / "."), IoError);
}

TEST_CASE("a file too short for a length is refused") {
    CHECK_THAT(fault(""), ContainsSubstring("too short"));
    CHECK_THAT(fault("1234567"), ContainsSubstring("too short"));
}

TEST_CASE("a header that does not fit into its file is refused") {
    const auto beyond = ContainsSubstring("its header does not fit into it; expected");
    CHECK_THAT(fault(length_bytes(1)), beyond);
    CHECK_THAT(fault(length_bytes(kOne.size() + 5) + kOne + "xxxx"), beyond);
    CHECK_THAT(fault(length_bytes(kMaxHeaderBytes) + "{}"), beyond);
    CHECK_THAT(fault(length_bytes(0)), ContainsSubstring("not a JSON object"));
}

TEST_CASE("a length beyond the limit is refused, negative ones and sums that overflow as well") {
    const std::string wrong = "its header is too long; expected at most 16777216 bytes, got ";
    CHECK_THAT(
        fault(length_bytes(kMaxHeaderBytes + 1) + kOne), ContainsSubstring(wrong + "16777217"));
    CHECK_THAT(
        fault(length_bytes(std::uint64_t{1} << 63) + kOne),
        ContainsSubstring(wrong + "9223372036854775808"));
    CHECK_THAT(
        fault(std::string(8, '\xff') + kOne), ContainsSubstring(wrong + "18446744073709551615"));
    CHECK_THAT(fault("\xf8" + std::string(7, '\xff') + kOne), ContainsSubstring(wrong));
}

TEST_CASE("a header of 100 MB is refused by its length, one of 16 MiB of spaces by its first") {
    constexpr std::uint64_t kHundred = 100'000'000;
    CHECK_THAT(
        fault(length_bytes(kHundred) + std::string(64, ' '), 8 + kHundred),
        ContainsSubstring(
            "its header is too long; expected at most 16777216 bytes, got 100000000"));
    CHECK_THAT(
        fault(with_length(std::string(kMaxHeaderBytes, ' '))),
        ContainsSubstring("not a JSON object"));
}

TEST_CASE("what is wrong with a header reaches the reader's caller") {
    CHECK_THAT(fault(with_length("not json", "xxxx")), ContainsSubstring("not a JSON object"));
    CHECK_THAT(fault(with_length("{\"\x80\"}")), ContainsSubstring("no UTF-8 at byte 2"));
    CHECK_THAT(
        fault(with_length(R"({"a":{"dtype":"F99","shape":[1],"data_offsets":[0,4]}})", "xxxx")),
        ContainsSubstring("a has an unknown dtype"));
    CHECK_THAT(
        fault(with_length(
            R"({"a":{"dtype":"U8","shape":[4294967296,4294967296,0],"data_offsets":[0,0]}})")),
        ContainsSubstring("a is too large"));
}

TEST_CASE("truncated data and bytes behind the data are refused") {
    CHECK(fault(with_length(kOne, "xxxx")).empty());
    CHECK_THAT(
        fault(with_length(kOne, "xxx")),
        ContainsSubstring("the file is cut short; expected 4 bytes of tensors, got 3"));
    CHECK_THAT(
        fault(with_length(kOne, "xxxxx")),
        ContainsSubstring("the file has bytes behind its tensors; expected 4 bytes of tensors"));
    CHECK_THAT(
        fault(with_length(kOne), std::uintmax_t{1} << 40),
        ContainsSubstring("the file has bytes behind its tensors"));
}

TEST_CASE("a pickle and a zip by another name are refused") {
    // pickle.dumps({"a": [1.0]}) by protocols 2 and 4
    const std::string two = "\x80\x02}q\0X\x01\0\0\0aq\x01]q\x02G?\xf0\0\0\0\0\0\0as."s;
    const std::string four =
        "\x80\x04\x95\x14\0\0\0\0\0\0\0}\x94\x8c\x01"s
        "a\x94]\x94G?\xf0\0\0\0\0\0\0as."s;
    // a zip that holds a file "a" of one byte, and an empty one
    const std::string zip =
        "PK\x03\x04\x14\0\0\0\0\0\0\0!\0\x83\x16\xdc\x8c\x01\0\0\0\x01\0\0\0\x01\0\0\0axPK\x01\x02"s
        "\x14\x03\x14\0\0\0\0\0\0\0!\0\x83\x16\xdc\x8c\x01\0\0\0\x01\0\0\0\x01\0\0\0\0\0\0\0\0\0\0\0"s
        "\x80\x01\0\0\0\0aPK\x05\x06\0\0\0\0\x01\0\x01\0/\0\0\0 \0\0\0\0\0"s;
    const std::string empty_zip = "PK\x05\x06"s + std::string(18, '\0');
    for (const std::string& bytes : {two, four, zip, empty_zip}) {
        CHECK_THAT(fault(bytes), ContainsSubstring("not a safetensors file"));
        CHECK_THAT(fault(with_length(bytes)), ContainsSubstring("not a safetensors file"));
    }
    CHECK(zip.size() == 101);
}
