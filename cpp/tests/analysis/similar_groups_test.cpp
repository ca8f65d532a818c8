#include "georgia/analysis/similar_groups.h"

#include <ATen/ATen.h>
#include <cmath>

#include "georgia/base/error.h"

#include "catch.h"

using namespace georgia;

namespace {

/// Unit vectors at these angles, in degrees.
at::Tensor at_angles(const std::vector<double>& degrees) {
    std::vector<float> values;
    for (const double angle : degrees) {
        values.push_back(static_cast<float>(3 * std::cos(angle * M_PI / 180)));
        values.push_back(static_cast<float>(3 * std::sin(angle * M_PI / 180)));
    }
    return at::tensor(values).view({-1, 2});
}

}  // namespace

TEST_CASE("points within an angle are one group, over others too, in any order") {
    Progress quiet;
    // cosine .95 is 18.2 degrees: 0, 40, 15 and 30 join one after the other, 90 stands alone
    const at::Tensor points = at_angles({0, 90, 40, 15, 180, 30, 195});
    CHECK(similar_groups(points, 0.95, quiet) == std::vector<std::int64_t>{0, 1, 0, 0, 4, 0, 4});
    CHECK(similar_groups(points.slice(0, 0, 0), 0.95, quiet).empty());
    CHECK_THROWS_AS(similar_groups(points, 0, quiet), InvalidOption);
    CHECK_THROWS_AS(similar_groups(points, 1.1, quiet), InvalidOption);
}

TEST_CASE("groups reach across blocks") {
    Progress quiet;
    std::vector<double> angles(1100, 0);
    for (std::size_t i = 0; i < angles.size(); ++i)
        angles[i] = i % 3 == 0 ? 0 : 120 * double(i % 3);
    const auto groups = similar_groups(at_angles(angles), 0.99, quiet);
    for (std::size_t i = 0; i < groups.size(); ++i)
        CHECK(groups[i] == static_cast<std::int64_t>(i % 3));
}
