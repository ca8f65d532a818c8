#include "georgia/base/hash128.h"

#include <string_view>

#include "catch.h"

using namespace georgia;

namespace {

std::string hash_of(std::string_view text, std::size_t piece = 1'000) {
    Hash128 hash;
    for (; !text.empty(); text.remove_prefix(std::min(piece, text.size()))) {
        const std::string_view part = text.substr(0, piece);
        hash.update({reinterpret_cast<const std::uint8_t*>(part.data()), part.size()});
    }
    return hash.hex_digest();
}

}  // namespace

TEST_CASE("MurmurHash3 gives its published answers") {
    CHECK(hash_of("") == "00000000000000000000000000000000");
    CHECK(
        hash_of("The quick brown fox jumps over the lazy dog") ==
        "e34bbc7bbc071b6c7a433ca9c49a9347");
}

TEST_CASE("pieces of any size give one hash") {
    std::string text;
    for (int i = 0; i < 200; ++i) text += static_cast<char>(i * 3);
    for (const std::size_t piece : {1U, 7U, 15U, 16U, 17U, 33U}) {
        CHECK(hash_of(text, piece) == hash_of(text));
        CHECK(hash_of(text + "x", piece) != hash_of(text));
    }
}
