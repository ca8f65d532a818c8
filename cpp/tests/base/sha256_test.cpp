#include "georgia/base/sha256.h"

#include <string>

#include "base/sha256_blocks.h"
#include "catch.h"

using namespace georgia;

namespace {

std::string hash_of(const std::string& text) {
    return sha256_hex({reinterpret_cast<const std::uint8_t*>(text.data()), text.size()});
}

}  // namespace

TEST_CASE("sha256 gives the answers of FIPS 180-4") {
    CHECK(hash_of("") == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    CHECK(hash_of("abc") == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    CHECK(
        hash_of("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq") ==
        "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
    CHECK(
        hash_of(std::string(1'000'000, 'a')) ==
        "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
}

TEST_CASE("pieces of any size give the same hash") {
    std::string text;
    for (int i = 0; i < 300; ++i) text += static_cast<char>(i);
    for (std::size_t piece : {1U, 3U, 55U, 56U, 63U, 64U, 65U, 200U}) {
        Sha256 hash;
        for (std::size_t at = 0; at < text.size(); at += piece) {
            const std::string part = text.substr(at, piece);
            hash.update({reinterpret_cast<const std::uint8_t*>(part.data()), part.size()});
        }
        CHECK(hash.hex_digest() == hash_of(text));
    }
}

TEST_CASE("the processor's instructions and plain code agree") {
    if (!has_sha256_instructions()) return;
    std::array<std::uint8_t, 64 * 5> blocks{};
    for (std::size_t i = 0; i < blocks.size(); ++i) blocks[i] = static_cast<std::uint8_t>(i * 7);
    std::array<std::uint32_t, 8> one{1, 2, 3, 4, 5, 6, 7, 8};
    std::array<std::uint32_t, 8> other = one;
    absorb_plainly(one, blocks.data(), 5);
    absorb_by_instructions(other, blocks.data(), 5);
    CHECK(one == other);
    CHECK(one[0] != 1);
}
