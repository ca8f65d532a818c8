// What frozen stages give is kept: of validation images always, of training views on request.

#include <string>
#include <vector>

#include "georgia/base/error.h"
#include "georgia/data/batch.h"
#include "georgia/nn/execute.h"
#include "georgia/nn/zoo.h"
#include "georgia/train/trainer.h"

#include "catch.h"
#include "temporary_folder.h"
#include "train/job_setup.h"
#include "train/small_job.h"

using namespace georgia;

namespace {

/// A phase of the head alone.
TrainOptions head_only(std::int64_t epochs) {
    TrainOptions options = quick();
    options.phases = {options.phases[0]};
    options.phases[0].epochs = epochs;
    options.augment.rotation = 30;
    return options;
}

/// What the training says, and a history without times.
class Told : public TrainObserver {
  public:
    void on_notice(const std::string& notice) override {
        notices += notice;
    }

    std::string notices;
};

std::vector<EpochRecord> history(const TrainJob& job, const TrainOptions& options) {
    TrainObserver nobody;
    train(job, options, nobody);
    std::vector<EpochRecord> records = history_of(job);
    for (EpochRecord& record : records) record.seconds = record.images_per_second = 0;
    return records;
}

}  // namespace

TEST_CASE("kept views are those of the first epochs") {
    const TemporaryFolder folder;
    TrainOptions options = head_only(4);
    const auto losses = [&](const std::string& name, std::int64_t views) {
        options.bank_views = views;
        std::vector<double> values;
        for (const EpochRecord& record : history(job_in(folder / name.c_str()), options))
            values.push_back(record.train_loss);
        return values;
    };
    const std::vector<double> exact = losses("exact", 0);
    CHECK(losses("all", 4) == exact);
    const std::vector<double> two = losses("two", 2);
    // The same numbers, but for the kernels of another number of images at once.
    CHECK(two[0] == Approx(exact[0]).epsilon(1e-5));
    CHECK(two[1] == Approx(exact[1]).epsilon(1e-5));
    CHECK(two[2] != Approx(exact[2]).epsilon(1e-5));

    options.mix.mixup = 0.2;
    CHECK_THROWS_WITH(losses("mixed", 1), ContainsSubstring("bank_views"));
}

TEST_CASE("views that cannot be kept are not, and it is said why") {
    const TemporaryFolder folder;
    TrainOptions options = head_only(3);
    const std::vector<EpochRecord> exact = history(job_in(folder / "exact"), options);
    options.bank_views = 1;
    options.bank_mib = 0;
    CHECK((history(job_in(folder / "without"), options) == exact));
    Told told;
    train(job_in(folder / "told"), options, told);
    CHECK_THAT(told.notices, ContainsSubstring("bank_mib is 0"));
    options.phases[0].trainable = {"all"};
    train(job_in(folder / "all"), options, told);
    CHECK_THAT(told.notices, ContainsSubstring("no stage is frozen"));
}

TEST_CASE("a run with kept views is resumed exactly") {
    const TemporaryFolder folder;
    TrainObserver nobody;
    TrainOptions options = head_only(3);
    options.network = "resnet18";
    options.phases[0].size = 64;
    options.phases[0].batch = 11;  // 22 images: two batches of 11, which eight do not divide
    options.phases.push_back(options.phases[0]);
    options.phases[1].trainable = {"stage4", "head"};
    options.bank_views = 2;
    const auto job_named = [&](const std::string& name) {
        TrainJob job = job_in(folder / name.c_str());
        job.train = crystals(11, 0);
        return job;
    };
    const TrainJob whole = job_named("whole");
    train(whole, options, nobody);
    for (const int batches : {2, 6, 9, 12}) {
        const TrainJob job = job_named("stopped" + std::to_string(batches));
        StopAfter observer(batches);
        CHECK_THROWS_AS(train(job, options, observer), Cancelled);
        train(job, TrainOptions{}, nobody);
        check_equal(final_state(job), final_state(whole));
    }
}

TEST_CASE("a validation from the bank equals one from the images") {
    const TemporaryFolder folder;
    TrainOptions options = head_only(3);
    options.bank_mib = 0;
    const std::vector<EpochRecord> computed = history(job_in(folder / "computed"), options);
    options.bank_mib = 1;
    CHECK((history(job_in(folder / "kept"), options) == computed));
}

TEST_CASE("an average that is still on its way is validated with its own stages") {
    const TemporaryFolder folder;
    TrainOptions options = head_only(2);
    options.precision = PrecisionRequest::kFloat32;
    options.ema = 0.9;
    options.phases.insert(options.phases.begin(), options.phases[0]);
    options.phases[0].trainable = {"all"};
    options.phases[0].learning_rate = 0.01;
    const TrainJob job = job_in(folder / "averaged");
    const double said = history(job, options).back().validation_loss;

    TensorMap average;
    for (const auto& [name, tensor] : final_state(job))
        if (name.starts_with("average/")) average[name.substr(8)] = tensor;
    const Graph graph = build_network(options.network_spec(2));
    Loader loader(
        job.validation,
        options.preprocess_of(options.phases[1]),
        validation_loading(options, options.phases[1], 1));
    const BatchView batch = loader.next();
    REQUIRE(batch.count == 4);  // all of them
    const at::Tensor input = normalised(batch, loader.preprocess(), at::kFloat, at::kCPU);
    const at::Tensor labels = labels_of(batch, job.validation, at::kCPU);
    const at::Tensor loss = at::cross_entropy_loss(execute(graph, average, input), labels);
    CHECK(said == Approx(loss.item<double>()).epsilon(1e-4));
}
