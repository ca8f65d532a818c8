#include "georgia/base/crc32.h"

#include <string_view>

#include "catch.h"

using namespace georgia;

namespace {

std::uint32_t crc_of(std::string_view text) {
    return crc32({reinterpret_cast<const std::uint8_t*>(text.data()), text.size()});
}

}  // namespace

TEST_CASE("CRC-32 gives the published check values") {
    CHECK(crc_of("") == 0);
    CHECK(crc_of("123456789") == 0xCBF43926);
    CHECK(crc_of("IEND") == 0xAE426082);  // the last four bytes of every PNG
    CHECK(crc_of("The quick brown fox jumps over the lazy dog") == 0x414FA339);
}
