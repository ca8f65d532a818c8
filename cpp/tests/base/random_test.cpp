#include "georgia/base/random.h"

#include <algorithm>
#include <numeric>

#include "catch.h"

using namespace georgia;

TEST_CASE("philox gives the known answers of its authors") {
    // kat_vectors of the Random123 library, lines "philox4x32 10".
    using Words = std::array<std::uint32_t, 4>;
    CHECK(
        philox4x32({0, 0, 0, 0}, {0, 0}) == Words{0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8});
    CHECK(
        philox4x32({~0U, ~0U, ~0U, ~0U}, {~0U, ~0U}) ==
        Words{0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd});
    CHECK(
        philox4x32({0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344}, {0xa4093822, 0x299f31d0}) ==
        Words{0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1});
}

TEST_CASE("streams of different keys differ, of equal keys are equal") {
    const RandomKey key{7, 1, 2, Purpose::kAugment};
    RandomStream a(key);
    RandomStream b(key);
    for (int i = 0; i < 100; ++i) REQUIRE(a.next() == b.next());
    for (const RandomKey other :
         {RandomKey{8, 1, 2, Purpose::kAugment},
          RandomKey{7, 2, 2, Purpose::kAugment},
          RandomKey{7, 1, 3, Purpose::kAugment},
          RandomKey{7, 1, 2, Purpose::kOrder}}) {
        RandomStream first(key);
        RandomStream second(other);
        CHECK(first.next() != second.next());
    }
}

TEST_CASE("numbers at once are the numbers one by one, from any place") {
    for (const std::size_t before : {0U, 1U, 4U, 7U}) {
        for (const std::size_t count : {0U, 1U, 3U, 4U, 5U, 21U}) {
            RandomStream a({7, 1, 2, Purpose::kNoise});
            RandomStream b({7, 1, 2, Purpose::kNoise});
            std::vector<std::uint32_t> words(count);
            for (std::size_t i = 0; i < before; ++i) REQUIRE(a.next() == b.next());
            a.fill(words);
            for (const std::uint32_t word : words) REQUIRE(word == b.next());
            REQUIRE(a.next() == b.next());
        }
    }
}

TEST_CASE("uniform numbers fill their range evenly") {
    RandomStream random({1, 0, 0, Purpose::kOrder});
    std::array<int, 10> counts{};
    for (int i = 0; i < 100000; ++i) ++counts[random.below(10)];
    // 9.5 standard deviations of a binomial count.
    for (const int count : counts) CHECK(std::abs(count - 10000) < 900);
    double sum = 0;
    double squares = 0;
    for (int i = 0; i < 100000; ++i) {
        const double x = random.normal();
        sum += x;
        squares += x * x;
    }
    CHECK(std::abs(sum / 100000) < 0.02);
    CHECK(std::abs(squares / 100000 - 1) < 0.03);
}

TEST_CASE("shuffle keeps every value") {
    std::vector<int> values(1000);
    std::iota(values.begin(), values.end(), 0);
    std::vector<int> shuffled = values;
    RandomStream({3, 0, 0, Purpose::kOrder}).shuffle(shuffled);
    CHECK(shuffled != values);
    std::sort(shuffled.begin(), shuffled.end());
    CHECK(shuffled == values);
}
