#include "georgia/base/buffer.h"

#include <thread>

#include "catch.h"

using namespace georgia;

#ifndef __SANITIZE_ADDRESS__
TEST_CASE("a block that was given back is taken again") {
    const void* first = nullptr;
    {
        const Bytes bytes(1'000'000);
        first = bytes.data();
    }
    const Bytes again(999'000);  // rounded to the same size
    CHECK(again.data() == first);
}
#endif

TEST_CASE("buffers behave as vectors") {
    Bytes bytes(100'000, 7);
    bytes.resize(200'000, 9);
    CHECK(bytes[99'999] == 7);
    CHECK(bytes[100'000] == 9);
    const Bytes copy = bytes;
    CHECK(copy == bytes);
    CHECK(copy.data() != bytes.data());
    CHECK(Bytes{1, 2, 3}.size() == 3);
}

TEST_CASE("blocks pass between threads") {
    for (int round = 0; round < 50; ++round) {
        Bytes made;
        std::thread maker([&] { made.assign(300'000, static_cast<std::uint8_t>(round)); });
        maker.join();
        CHECK(made[299'999] == round);
    }
}
