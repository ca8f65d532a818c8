#include "image/png_filters.h"

#include <cstdlib>
#include <vector>

#include "georgia/base/random.h"

#include "catch.h"

using namespace georgia;

namespace {

int paeth(int left, int up, int corner) {
    const int guess = left + up - corner;
    if (std::abs(guess - left) <= std::abs(guess - up) &&
        std::abs(guess - left) <= std::abs(guess - corner))
        return left;
    return std::abs(guess - up) <= std::abs(guess - corner) ? up : corner;
}

/// The specification's words, byte by byte.
std::vector<std::uint8_t> by_the_book(
    int filter,
    std::vector<std::uint8_t> row,
    const std::vector<std::uint8_t>& above,
    std::size_t size,
    std::size_t step) {
    for (std::size_t i = 0; i < size; ++i) {
        const int left = i < step ? 0 : row[i - step];
        const int corner = i < step ? 0 : above[i - step];
        const int up = above[i];
        const int added[]{0, left, up, (left + up) / 2, paeth(left, up, corner)};
        row[i] = static_cast<std::uint8_t>(row[i] + added[filter]);
    }
    return row;
}

}  // namespace

TEST_CASE("every filter of a PNG row is undone at every length and pixel size", "[image][png]") {
    constexpr std::size_t kBeyond = 4;  // bytes behind the end that may be written
    RandomStream random({1, 2, 3, Purpose::kAugment});
    for (const std::size_t step : {1, 2, 3, 4, 6, 8})
        for (std::size_t size = 0; size < 100; size += step)
            for (int filter = 0; filter < 5; ++filter) {
                std::vector<std::uint8_t> row(size + kBeyond);
                std::vector<std::uint8_t> above(size + kBeyond);
                for (auto* bytes : {&row, &above})
                    for (std::uint8_t& byte : *bytes)
                        byte = static_cast<std::uint8_t>(random.uniform(0, 256));
                auto expected = by_the_book(filter, row, above, size, step);
                CAPTURE(step, size, filter);
                REQUIRE(unfilter(filter, row.data(), above.data(), size, step));
                row.resize(size);
                expected.resize(size);
                CHECK(row == expected);
            }
    std::uint8_t byte = 0;
    CHECK_FALSE(unfilter(5, &byte, &byte, 0, 1));
}
