#include "georgia/data/epoch_plan.h"

#include <algorithm>

#include "catch.h"

using namespace georgia;

TEST_CASE("batches cover the epoch, differ by at most one, and are never one") {
    for (std::int64_t count = 2; count < 70; ++count) {
        for (std::int64_t batch = 2; batch < 20; ++batch) {
            const EpochPlan plan(count, batch);
            std::int64_t smallest = count;
            std::int64_t covered = 0;
            for (std::int64_t i = 0; i < plan.batches(); ++i) {
                REQUIRE(plan.first(i) == covered);
                smallest = std::min(smallest, plan.size(i));
                covered += plan.size(i);
            }
            REQUIRE(covered == count);
            REQUIRE(smallest >= 2);
            REQUIRE(plan.largest() - smallest <= 1);
            // Batch 2 and an odd count take three at once, for a batch of one cannot be normalised.
            REQUIRE(plan.largest() <= (batch == 2 ? 3 : batch));
        }
    }
}
