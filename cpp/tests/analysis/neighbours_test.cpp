#include "georgia/analysis/neighbours.h"

#include "georgia/base/error.h"

#include "catch.h"

using namespace georgia;

TEST_CASE("neighbours tell classes that a column separates") {
    const std::vector<double> features{0, 1, 2, 10, 11, 12};  // (6, 1)
    const std::vector<std::int64_t> labels{0, 0, 0, 1, 1, 1};
    const std::vector<std::int64_t> folds{0, 1, 2, 0, 1, 2};
    CHECK(cross_validated_neighbours(features, labels, folds, 2, 1) == labels);
}

TEST_CASE("neighbours of equal rows give the majority, in whatever order the rows stand") {
    const std::vector<double> features(10, 7.0);
    const std::vector<std::int64_t> labels{0, 0, 0, 0, 1, 1, 1, 1, 1, 1};
    const std::vector<std::int64_t> folds{0, 1, 0, 1, 0, 1, 0, 1, 0, 1};
    const auto predicted = cross_validated_neighbours(features, labels, folds, 2, 5);
    CHECK(predicted == std::vector<std::int64_t>(10, 1));
}

TEST_CASE("a fold is never its own neighbour") {
    const std::vector<double> features{0, 0, 5, 5};
    const std::vector<std::int64_t> labels{0, 0, 1, 1};
    const std::vector<std::int64_t> folds{0, 0, 1, 1};
    CHECK(
        cross_validated_neighbours(features, labels, folds, 2, 1) ==
        std::vector<std::int64_t>{1, 1, 0, 0});
    CHECK_THROWS_AS(cross_validated_neighbours(features, labels, {}, 2, 1), InvalidOption);
}
