#include "georgia/analysis/change_point.h"

#include <array>
#include <memory>

#include "georgia/base/error.h"
#include "georgia/base/random.h"

#include "catch.h"

using namespace georgia;

namespace {

/// Yes by one probability up to a place, by another behind it.
std::unique_ptr<bool[]> drawn(std::size_t count, std::size_t place, double before, double after) {
    RandomStream random({11, 0, 0, Purpose::kSynthetic});
    auto sequence = std::make_unique<bool[]>(count);
    for (std::size_t i = 0; i < count; ++i)
        sequence[i] = random.uniform() < (i < place ? before : after);
    return sequence;
}

}  // namespace

TEST_CASE("a share that jumps is found, and where") {
    const auto sequence = drawn(200, 120, 0.1, 0.6);
    const ChangePoint found = change_point({sequence.get(), 200});
    CHECK(std::abs(found.place - 120) <= 4);
    CHECK(found.before < 0.2);
    CHECK(found.after > 0.45);
    CHECK(found.p_value == Approx(0.001));
}

TEST_CASE("a share that stays is no alarm") {
    const auto sequence = drawn(200, 200, 0.3, 0.3);
    CHECK(change_point({sequence.get(), 200}).p_value > 0.05);
    const std::array<bool, 20> none{};
    CHECK(change_point(none).p_value == 1);
}

TEST_CASE("a sequence that is too short is refused") {
    const std::array<bool, 9> few{};
    CHECK_THROWS_AS(change_point(few), InvalidOption);
}
