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
    CHECK(measure_pace(job, often, all, progress).validations_of_epoch == 15);
    CHECK(std::filesystem::is_empty(job.folder));
}

TEST_CASE("what is kept is fast, and each part of a phase is counted as often as it comes") {
    const Pace pace{10, 2, 3, 5, 1, 2};
    CHECK(pace.seconds(1) == 10 + 5 + 1);
    CHECK(pace.seconds(3) == 30 + 5 + 5);
    CHECK(pace.seconds(5) == 30 + 4 + 5 + 9);

    Progress progress;
    const TemporaryFolder folder;
    const TrainJob job = job_in(folder / "timed");
    TrainOptions options = quick();
    options.network = "resnet18";
    options.bank_views = 2;
    const Pace head = measure_pace(job, options, options.phases[0], progress);
    CHECK(head.views == 2);
    CHECK(head.kept_training < head.training);
    CHECK(head.later_validation < head.validation);
    const Pace all = measure_pace(job, options, options.phases[1], progress);
    CHECK(all.views == 0);
    CHECK(all.later_validation == all.validation);
    options.bank_mib = 0;
    CHECK(measure_pace(job, options, options.phases[0], progress).views == 0);
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
