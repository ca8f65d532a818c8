#include "georgia/analysis/label_errors.h"

#include <vector>

#include "catch.h"

using namespace georgia;
using Rows = std::vector<float>;
using Labels = std::vector<std::int64_t>;

TEST_CASE("images that are confidently of another class are suspects, the surest first") {
    // Means of their own class: 0.6 of class 0, 0.7 of class 1.
    const Rows rows{0.9F, 0.1F, 0.8F, 0.2F, 0.1F, 0.9F, 0.2F, 0.8F, 0.4F, 0.6F, 0.3F, 0.7F};
    const Labels labels{0, 0, 0, 1, 1, 1};
    const std::vector<LabelSuspect> suspects = label_errors(rows, 2, labels);
    REQUIRE(suspects.size() == 1);
    CHECK(suspects[0].image == 2);
    CHECK(suspects[0].given == 0);
    CHECK(suspects[0].likely == 1);
    CHECK(suspects[0].margin == Approx(-0.8));
}

TEST_CASE("a class that nobody is labelled with gets no suspects") {
    const Rows rows{0.1F, 0.1F, 0.8F, 0.2F, 0.7F, 0.1F};
    CHECK(label_errors(rows, 3, Labels{0, 1}).empty());
}

TEST_CASE("suspects are sorted by margin") {
    const Rows rows{0.4F, 0.6F, 0.1F, 0.9F, 0.9F, 0.1F, 0.9F, 0.1F, 0.5F, 0.5F, 0.4F, 0.6F};
    const std::vector<LabelSuspect> suspects = label_errors(rows, 2, Labels{0, 0, 0, 0, 1, 1});
    REQUIRE(suspects.size() == 2);
    CHECK(suspects[0].image == 1);
    CHECK(suspects[1].image == 0);
}
