#include "georgia/nn/weights.h"

#include <ATen/ATen.h>
#include <cstring>
#include <string>

#include "georgia/base/error.h"
#include "georgia/base/files.h"
#include "georgia/base/sha256.h"

#include "catch.h"
#include "temporary_folder.h"

using namespace georgia;

namespace {

std::string with_length(const std::string& header, const std::string& data = {}) {
    std::string bytes(8, '\0');
    const std::uint64_t length = header.size();
    std::memcpy(bytes.data(), &length, 8);
    return bytes + header + data;
}

}  // namespace

TEST_CASE("tensors and metadata come back as they were") {
    const TemporaryFolder folder;
    const TensorMap tensors{
        {"a", at::arange(6, at::kFloat).view({2, 3})},
        {"b", at::ones({}, at::kLong)},
        {"c", at::ones({3}, at::kBFloat16)},
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

TEST_CASE("hostile files are refused, every one") {
    const std::string one = R"({"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}})";
    const std::string four(4, 'x');
    std::string too_long = with_length(one, four);
    too_long[7] = 1;
    const std::vector<std::string> hostile{
        "",
        "short",
        too_long,
        with_length("not json", four),
        with_length("[]", four),
        with_length(std::string(100, ' ') + one, four),
        with_length(one, "xxx"),
        with_length(one, "xxxxx"),
        with_length(R"({"a":{"dtype":"F32","shape":[2],"data_offsets":[0,4]}})", four),
        with_length(R"({"a":{"dtype":"F99","shape":[1],"data_offsets":[0,4]}})", four),
        with_length(R"({"a":{"dtype":"F32","shape":[-1],"data_offsets":[0,4]}})", four),
        with_length(R"({"a":{"dtype":"F32","shape":[1],"data_offsets":[4,0]}})", four),
        with_length(R"({"a":{"dtype":"F32","shape":[1.5],"data_offsets":[0,4]}})", four),
        with_length(
            R"({"a":{"dtype":"F32","shape":[4611686018427387905,4],"data_offsets":[0,4]}})", four),
        with_length(
            R"({"a":{"dtype":"U8","shape":[1,1,1,1,1,1,1,1,4],"data_offsets":[0,4]}})", four),
        with_length(
            R"({"a":{"dtype":"U8","shape":[3],"data_offsets":[0,3]},)"
            R"("b":{"dtype":"U8","shape":[2],"data_offsets":[2,4]}})",
            four),
        with_length(
            R"({"a":{"dtype":"U8","shape":[1],"data_offsets":[0,1]},)"
            R"("b":{"dtype":"U8","shape":[2],"data_offsets":[2,4]}})",
            four),
        with_length(
            R"({"a":{"dtype":"U8","shape":[4],"data_offsets":[0,4]},)"
            R"("a":{"dtype":"U8","shape":[4],"data_offsets":[0,4]}})",
            four),
        with_length(R"({"__metadata__":{"k":1}})"),
        with_length(R"({"a":{"b":{"c":{"d":{"e":{}}}}}})"),
        std::string("\x80\x02}q\x00X", 6) + std::string(200, '\0'),  // a pickle
        std::string("PK\x03\x04", 4) + std::string(200, 'z')};
    const TemporaryFolder folder;
    for (const std::string& bytes : hostile) {
        INFO(bytes.substr(0, 120));
        write_file(folder / "w", bytes);
        CHECK_THROWS_AS(read_weights(folder / "w"), BadInput);
    }
    write_file(folder / "w", with_length(one, four));
    CHECK_NOTHROW(read_weights(folder / "w"));
    CHECK_THROWS_AS(read_weights(folder / "missing"), IoError);
}
