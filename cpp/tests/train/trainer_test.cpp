#include "georgia/train/trainer.h"

#include <ATen/ATen.h>
#include <memory>
#include <string>

#include "georgia/base/error.h"
#include "georgia/base/files.h"
#include "georgia/engine/model_file.h"
#include "georgia/image/synthetic.h"
#include "georgia/nn/weights.h"
#include "georgia/nn/zoo.h"
#include "georgia/train/checkpoint.h"

#include "catch.h"
#include "temporary_folder.h"
#include "train/small_job.h"

using namespace georgia;

TEST_CASE("a resumed run equals an uninterrupted one, wherever it stopped") {
    const TemporaryFolder folder;
    const TrainOptions options = rich();
    const TrainJob whole = job_in(folder / "whole");
    TrainObserver nobody;
    train(whole, options, nobody);
    const Checkpoint expected = read_checkpoint(whole.folder / "checkpoint.safetensors");
    CHECK_FALSE(expected.ended.empty());  // early stopping ended it
    REQUIRE(expected.history.size() == 5);
    const auto last = static_cast<int>(expected.step);
    const auto validations = static_cast<int>(expected.history.size());

    for (int batches = 1; batches <= last + validations; ++batches) {
        INFO("stopped after batch " << batches);
        const std::string name = "stopped" + std::to_string(batches);
        const TrainJob job = job_in(folder / name.c_str());
        StopAfter observer(batches, /*in_validation=*/true);
        CHECK_THROWS_AS(train(job, options, observer), Cancelled);
        train(job, TrainOptions{}, nobody);  // the checkpoint's options hold
        check_equal(final_state(job), final_state(whole));
        const Checkpoint got = read_checkpoint(job.folder / "checkpoint.safetensors");
        REQUIRE(got.history.size() == expected.history.size());
        for (std::size_t i = 0; i < got.history.size(); ++i) {
            EpochRecord timeless = got.history[i];
            timeless.seconds = expected.history[i].seconds;
            timeless.images_per_second = expected.history[i].images_per_second;
            CHECK(timeless == expected.history[i]);
        }
        CHECK(got.best.sha256 == expected.best.sha256);
        CHECK(sha256_file(job.folder / "model.safetensors") == expected.best.sha256);
    }
}

TEST_CASE("dropout, mixing, averaging and the other options change what is learned") {
    const TemporaryFolder folder;
    TrainObserver nobody;
    const auto learned = [&](const std::string& name, const TrainOptions& options) {
        const TrainJob job = job_in(folder / name.c_str());
        train(job, options, nobody);
        return final_state(job).at("weights/head.fc1.weight");
    };
    const at::Tensor all = learned("all", rich());
    std::vector<TrainOptions> variants(6, rich());
    variants[0].head.dropout.clear();
    variants[1].mix = {};
    variants[2].label_smoothing = 0;
    variants[3].clip = 0;
    variants[4].layer_decay = 1;
    variants[5].accumulate = 1;
    for (std::size_t i = 0; i < variants.size(); ++i) {
        INFO("variant " << i);
        CHECK_FALSE(at::equal(learned("variant" + std::to_string(i), variants[i]), all));
    }
    TrainOptions averaged = rich();
    averaged.ema = 0;
    // Averages are validated and kept, but what is trained does not depend on them.
    averaged.phases[1].schedule = Schedule::kConstant;
    TrainOptions plain = averaged;
    averaged.ema = 0.9;
    CHECK(at::equal(learned("averaged", averaged), learned("plain", plain)));
    const auto losses = [&](const char* name) {
        return history_of(job_in(folder / name)).back().validation_loss;
    };
    CHECK(losses("averaged") != losses("plain"));
}

TEST_CASE("validation within epochs, and each way to end early") {
    const TemporaryFolder folder;
    TrainObserver nobody;
    TrainOptions options = quick();
    options.phases[1].epochs = 50;

    options.validate_every = 2;  // of three batches an epoch
    options.stop.early = true;
    options.stop.metric = Metric::kValidationAccuracy;
    options.stop.patience = 3;
    const TrainJob early = job_in(folder / "early");
    train(early, options, nobody);
    const Checkpoint stopped = read_checkpoint(early.folder / "checkpoint.safetensors");
    CHECK_THAT(stopped.ended, ContainsSubstring("validation_accuracy has not improved for 3"));
    CHECK(stopped.history[0].step == 2);
    CHECK(stopped.history[1].step == 3);
    CHECK(stopped.history[2].step == 4);
    CHECK(stopped.history[1].epoch == 1);
    CHECK(stopped.history[2].epoch == 2);
    const TensorMap before = final_state(early);
    train(early, options, nobody);  // it is finished
    check_equal(final_state(early), before);
    CHECK(history_of(early).size() == stopped.history.size());

    options.stop = {};
    options.validate_every = 0;
    options.stop.minutes = 1e-9;
    const TrainJob timed = job_in(folder / "timed");
    train(timed, options, nobody);
    CHECK(history_of(timed).size() == 1);
    CHECK(history_of(timed)[0].step == 1);
    CHECK(std::filesystem::exists(timed.folder / "model.safetensors"));

    struct Flag : TrainObserver {
        int batches = 0;
        void on_batch(const BatchRecord& record) override {
            ++batches;
            CHECK(record.gradient_norm > 0);
            CHECK(record.step == batches);
        }
        bool should_stop() override {
            return batches == 4;
        }
    } flag;
    options.stop = {};
    const TrainJob flagged = job_in(folder / "flagged");
    train(flagged, options, flag);
    CHECK(history_of(flagged).size() == 2);
    CHECK(history_of(flagged)[1].step == 4);
}

TEST_CASE("balancing shows small classes more often, in training alone") {
    const TemporaryFolder folder;
    TrainOptions options = quick();
    options.imbalance.method = Imbalance::kBalance;
    options.imbalance.balance_to = 20;
    const TrainJob job = job_in(folder / "run");
    TrainObserver nobody;
    train(job, options, nobody);
    CHECK(history_of(job).back().step == 3 * 10);  // 2 x 20 images in batches of four
}

TEST_CASE("a failed write of the best model is no lie in the checkpoint") {
    const TemporaryFolder folder;
    TrainOptions options = quick();
    const TrainJob whole = job_in(folder / "whole");
    const TrainJob job = job_in(folder / "run");
    TrainObserver nobody;
    train(whole, options, nobody);
    const auto blocker = job.folder / "model.safetensors.next";
    std::filesystem::create_directories(blocker / "full");
    CHECK_THROWS_AS(train(job, options, nobody), IoError);
    CHECK_FALSE(std::filesystem::exists(job.folder / "checkpoint.safetensors"));
    std::filesystem::remove_all(blocker);
    train(job, options, nobody);
    check_equal(final_state(job), final_state(whole));

    std::filesystem::remove(job.folder / "model.safetensors");
    CHECK_THROWS_WITH(train(job, options, nobody), ContainsSubstring("missing"));
    write_file(job.folder / "model.safetensors", "another");
    CHECK_THROWS_WITH(train(job, options, nobody), ContainsSubstring("not the best model"));
}

TEST_CASE("leftovers of a killed write go, and nothing else does") {
    const TemporaryFolder folder;
    TrainOptions options = quick();
    const TrainJob job = job_in(folder / "run");
    TrainObserver nobody;
    train(job, options, nobody);
    const auto has = [&](const char* name) { return std::filesystem::exists(job.folder / name); };
    for (const char* name :
         {"checkpoint.safetensors.next",
          "checkpoint.safetensors.next.aB3xYz",
          "model.safetensors.next.aB3xYz",
          "history.csv.aB3xYz",
          "history.csv.bak",
          "notes.txt"})
        write_file(job.folder / name, "left");
    train(job, options, nobody);
    CHECK_FALSE(has("checkpoint.safetensors.next"));
    CHECK_FALSE(has("checkpoint.safetensors.next.aB3xYz"));
    CHECK_FALSE(has("model.safetensors.next.aB3xYz"));
    CHECK_FALSE(has("history.csv.aB3xYz"));
    CHECK(has("history.csv.bak"));
    CHECK(has("notes.txt"));
    CHECK(has("checkpoint.previous.safetensors"));
}

TEST_CASE("a damaged checkpoint names the one before it") {
    const TemporaryFolder folder;
    TrainOptions options = quick();
    const TrainJob job = job_in(folder / "run");
    TrainObserver nobody;
    train(job, options, nobody);
    const auto checkpoint = job.folder / "checkpoint.safetensors";
    const TensorMap expected = final_state(job);
    const std::string best = read_checkpoint(checkpoint).best.sha256;
    write_file(checkpoint, "damaged");
    const auto advice = ContainsSubstring("checkpoint.previous.safetensors is the one before");
    CHECK_THROWS_WITH(train(job, options, nobody), advice);
    CHECK_THROWS_WITH(read_checkpoint_header(checkpoint), advice);

    // Done as it says, it ends as before: the model may be a better one than that names.
    std::filesystem::rename(job.folder / "checkpoint.previous.safetensors", checkpoint);
    write_file(job.folder / "model.safetensors", "the model of an epoch that is to come");
    train(job, options, nobody);
    check_equal(final_state(job), expected);
    CHECK(sha256_file(job.folder / "model.safetensors") == best);
    write_file(job.folder / "model.safetensors", "another");
    CHECK_THROWS_WITH(train(job, options, nobody), ContainsSubstring("not the best model"));
}

TEST_CASE("what a write that was killed left goes before the first checkpoint too") {
    const TemporaryFolder folder;
    const TrainJob job = job_in(folder / "run");
    write_file(job.folder / "model.safetensors.next.aB3xYz", "half");
    TrainObserver nobody;
    train(job, quick(), nobody);
    CHECK_FALSE(std::filesystem::exists(job.folder / "model.safetensors.next.aB3xYz"));
}

TEST_CASE("the checkpoint before the last is kept") {
    const TemporaryFolder folder;
    TrainOptions options = quick();
    const TrainJob job = job_in(folder / "run");
    TrainObserver nobody;
    train(job, options, nobody);
    CHECK(history_of(job).size() == 3);
    CHECK(read_checkpoint(job.folder / "checkpoint.previous.safetensors").history.size() == 2);
}

TEST_CASE("the second classifier of Inception-v3 learns where its planes are large enough") {
    const TemporaryFolder folder;
    for (const std::uint32_t size : {299, 96}) {
        TrainOptions options = quick();
        options.network = "inception_v3";
        options.phases.resize(1);
        options.phases[0].size = size;
        TrainJob job = job_in(folder / std::to_string(size).c_str());
        job.train = crystals(1, 0);
        job.validation = crystals(1, 50);
        const Graph graph = build_network(options.network_spec(2));
        job.weights = initial_weights(graph, 1);
        TrainObserver nobody;
        train(job, options, nobody);
        const std::string name = "AuxLogits.fc.weight";
        const at::Tensor learned = final_state(job).at("weights/" + name);
        const bool is_same = at::equal(learned, job.weights.at(name));
        CHECK(is_same == (size < 299));
    }
}

TEST_CASE("the best model is the one the checkpoint names") {
    const TemporaryFolder folder;
    const TrainJob job = job_in(folder / "run");
    TrainObserver nobody;
    train(job, quick(), nobody);
    const Checkpoint state = read_checkpoint(job.folder / "checkpoint.safetensors");
    CHECK(sha256_file(job.folder / "model.safetensors") == state.best.sha256);
    const ModelFile model = read_model(job.folder / "model.safetensors");
    CHECK(model.classes == job.classes);
    CHECK(model.preprocess.height == 32);
    CHECK_FALSE(std::filesystem::exists(job.folder / "model.safetensors.next"));

    // A .next that the checkpoint does not name is removed, one that it names gets its place.
    const auto next = job.folder / "model.safetensors.next";
    write_file(next, "left by a crash");
    train(job, quick(), nobody);
    CHECK_FALSE(std::filesystem::exists(next));
    std::filesystem::rename(job.folder / "model.safetensors", next);
    train(job, quick(), nobody);
    CHECK(sha256_file(job.folder / "model.safetensors") == state.best.sha256);
}

TEST_CASE("a loss that is not finite is told, and the last good state stays") {
    const TemporaryFolder folder;
    const TrainJob job = job_in(folder / "run");
    TrainOptions options = quick();
    options.phases.resize(1);
    options.phases[0].trainable = {"all"};
    options.phases[0].epochs = 4;
    options.phases[0].learning_rate = 1e9;
    options.save_minutes = 0;
    options.phases[0].schedule = Schedule::kConstant;
    TrainObserver nobody;
    CHECK_THROWS_AS(train(job, options, nobody), Diverged);
    REQUIRE(std::filesystem::exists(job.folder / "checkpoint.safetensors"));
    for (const auto& [name, tensor] : final_state(job))
        CHECK((tensor.is_floating_point() ? tensor.isfinite().all().item<bool>() : true));
}

TEST_CASE("other images, a damaged checkpoint and a bad option are refused") {
    const TemporaryFolder folder;
    TrainJob job = job_in(folder / "run");
    TrainObserver nobody;
    StopAfter observer(2);
    CHECK_THROWS_AS(train(job, quick(), observer), Cancelled);
    job.data_hash = "another";
    CHECK_THROWS_AS(train(job, quick(), nobody), BadInput);
    write_file(job.folder / "checkpoint.safetensors", "damaged");
    CHECK_THROWS_AS(train(job, quick(), nobody), BadInput);
    TrainOptions options = quick();
    options.phases[0].batch = 1;
    CHECK_THROWS_WITH(train(job, options, nobody), ContainsSubstring("batch"));
}
