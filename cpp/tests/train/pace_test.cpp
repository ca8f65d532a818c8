#include "georgia/train/pace.h"

#include <chrono>

#include "georgia/base/error.h"

#include "temporary_folder.h"
#include "train/seconds.h"
#include "train/small_job.h"

using namespace georgia;

TEST_CASE("the pace is that of an epoch, whatever its number of images") {
    Progress progress;
    const TemporaryFolder folder;
    TrainJob job = job_in(folder / "timed");
    const Phase all = quick().phases[1];
    const auto start = std::chrono::steady_clock::now();
    const Pace few = measure_pace(job, quick(), all, progress);
    CHECK(seconds_since(start) > few.epoch + few.validation);  // it was more than one epoch
    CHECK(few.epoch > 0);
    CHECK(few.validation > 0);

    job.train = crystals(60, 0);
    const Pace many = measure_pace(job, quick(), all, progress);
    CHECK(many.epoch > 2 * few.epoch);  // ten times the images; what else runs here also counts
    CHECK(std::filesystem::is_empty(job.folder));
}

TEST_CASE("the pace of nothing is refused, and a timing can be stopped") {
    const TemporaryFolder folder;
    TrainJob job = job_in(folder / "timed");
    StopAfter stop(3, /*in_validation=*/true);
    CHECK_THROWS_AS(measure_pace(job, quick(), quick().phases[0], stop), Cancelled);
    job.train.clear();
    Progress progress;
    CHECK_THROWS_AS(measure_pace(job, quick(), quick().phases[0], progress), InvalidOption);
}
