#include "georgia/train/pace.h"

#include "georgia/base/error.h"

#include "temporary_folder.h"
#include "train/small_job.h"

using namespace georgia;

TEST_CASE("the pace is that of an epoch, whatever its number of images") {
    Progress progress;
    const TemporaryFolder folder;
    TrainJob job = job_in(folder / "timed");
    const Phase all = quick().phases[1];
    const Pace few = measure_pace(job, quick(), all, progress);
    CHECK(few.training > 0);
    CHECK(few.validation > 0);

    job.train = crystals(60, 0);
    const Pace many = measure_pace(job, quick(), all, progress);
    // Ten times the images; twice is asked, as whatever else runs here counts as well.
    CHECK(many.training > 2 * few.training);
    TrainOptions often = quick();
    often.validate_every = 2;  // of the 30 batches: within the epoch 14 times
    CHECK(measure_pace(job, often, all, progress).validation > many.validation);
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
