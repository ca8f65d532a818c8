#include "georgia/analysis/ranking.h"

#include <vector>

#include "georgia/base/error.h"

#include "catch.h"

using namespace georgia;
using Indices = std::vector<std::int64_t>;

namespace {

// Best to worst: 0 1 2; 2 1 0; 0 1 2 (a tie); 2 0 1.
const std::vector<float> kRows{
    0.7F, 0.2F, 0.1F, 0.1F, 0.3F, 0.6F, 0.4F, 0.4F, 0.2F, 0.2F, 0.1F, 0.7F};

}  // namespace

TEST_CASE("what the k best classes hold is counted by hand") {
    const Ranking ranking = rank(kRows, 3, Indices{0, 1, 1, 1}, Indices{1});
    CHECK(ranking.top == Indices{1, 3, 4});
    CHECK(ranking.missed == Indices{3, 1, 0});
    CHECK(ranking.review == Indices{0, 3, 4});
}

TEST_CASE("without targets nothing is missed and nothing to review") {
    const Ranking ranking = rank(kRows, 3, Indices{0, 1, 1, 1}, Indices{});
    CHECK(ranking.top == Indices{1, 3, 4});
    CHECK(ranking.missed == Indices{0, 0, 0});
    CHECK(ranking.review == Indices{0, 0, 0});
}

TEST_CASE("a label or a target that is no class is refused") {
    CHECK_THROWS_AS(rank(kRows, 3, Indices{0, 1, 1, 3}, Indices{}), InvalidOption);
    CHECK_THROWS_AS(rank(kRows, 3, Indices{0, 1, 1, 1}, Indices{-1}), InvalidOption);
    CHECK_THROWS_AS(rank(kRows, 3, Indices{0, 1}, Indices{}), InvalidOption);
}
