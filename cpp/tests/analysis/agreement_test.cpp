#include "georgia/analysis/agreement.h"

#include <cmath>
#include <vector>

#include "catch.h"

using namespace georgia;
using Counts = std::vector<std::int64_t>;

TEST_CASE("agreement equals its formulas by hand") {
    // 20 yes-yes, 5 yes-no, 10 no-yes, 15 no-no: Cohen's own kind of example, kappa 0.4.
    const Agreement found = agreement(Counts{20, 5, 10, 15}, 2);
    CHECK(found.kappa == Approx(0.4));
    CHECK(found.balanced_accuracy == Approx((0.8 + 0.6) / 2));
    CHECK(found.matthews == Approx((20 * 15 - 5 * 10) / std::sqrt(25.0 * 25 * 30 * 20)));
}

TEST_CASE("agreement is 1 where all is right, and 0 where nothing can be told") {
    const Agreement right = agreement(Counts{3, 0, 0, 0, 4, 0, 0, 0, 5}, 3);
    CHECK(right.balanced_accuracy == 1);
    CHECK(right.kappa == Approx(1));
    CHECK(right.matthews == Approx(1));
    const Agreement constant = agreement(Counts{3, 0, 4, 0}, 2);  // always the first class
    CHECK(constant.balanced_accuracy == 0.5);
    CHECK(constant.kappa == 0);
    CHECK(constant.matthews == 0);
    const Agreement one_class = agreement(Counts{7, 0, 0, 0}, 2);
    CHECK(one_class.balanced_accuracy == 1);
    CHECK(one_class.kappa == 0);
    CHECK(agreement(Counts{0, 0, 0, 0}, 2).balanced_accuracy == 0);
}

TEST_CASE("agreement does not depend on the classes' order") {
    const Agreement one = agreement(Counts{5, 2, 1, 0, 7, 3, 4, 1, 9}, 3);
    const Agreement turned = agreement(Counts{9, 4, 1, 1, 5, 2, 3, 0, 7}, 3);
    CHECK(turned.balanced_accuracy == Approx(one.balanced_accuracy));
    CHECK(turned.kappa == Approx(one.kappa));
    CHECK(turned.matthews == Approx(one.matthews));
}
