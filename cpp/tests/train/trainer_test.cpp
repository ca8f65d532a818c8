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

using namespace georgia;

namespace {

std::vector<Sample> crystals(std::uint32_t per_class, std::uint32_t first) {
    std::vector<Sample> samples;
    for (std::int64_t label = 0; label < 2; ++label)
        for (std::uint32_t i = 0; i < per_class; ++i)
            samples.push_back(
                {std::make_shared<const Image>(draw_crystals(label, 40, 1, first + i)), label});
    return samples;
}

TrainJob job_in(const std::filesystem::path& folder) {
    std::filesystem::create_directories(folder);
    return {folder, {"needles", "plates"}, crystals(6, 0), crystals(2, 50), "hash", "{}", {}};
}

TrainOptions quick() {
    TrainOptions options;
    options.threads = 2;
    Phase head;
    head.epochs = 1;
    head.size = 32;
    head.batch = 4;
    head.trainable = {"head"};
    Phase all = head;
    all.epochs = 2;
    all.trainable = {"all"};
    options.phases = {head, all};
    return options;
}

/// Stops after a number of batches.
class StopAfter : public TrainObserver {
  public:
    explicit StopAfter(int batches) : left_(batches) {}

    bool advance(const ProgressStep& step) override {
        return step.stage != "train" || --left_ > 0;
    }

  private:
    int left_;
};

/// Names and bytes of all tensors of the last checkpoint.
TensorMap final_state(const TrainJob& job) {
    return read_weights(job.folder / "checkpoint.safetensors").tensors;
}

void check_equal(const TensorMap& a, const TensorMap& b) {
    REQUIRE(a.size() == b.size());
    for (const auto& [name, tensor] : a) {
        INFO(name);
        CHECK(at::equal(tensor, b.at(name)));
    }
}

}  // namespace

TEST_CASE("a resumed run equals an uninterrupted one, wherever it stopped") {
    const TemporaryFolder folder;
    TrainOptions options = quick();
    options.network = "small_cnn";
    const TrainJob whole = job_in(folder / "whole");
    TrainObserver nobody;
    train(whole, options, nobody);
    const Checkpoint expected = read_checkpoint(whole.folder / "checkpoint.safetensors");
    CHECK(expected.history.size() == 3);

    for (int batches = 1; batches <= 9; ++batches) {  // three an epoch; 3 ends a phase
        INFO("stopped after batch " << batches);
        const std::string name = "stopped" + std::to_string(batches);
        const TrainJob job = job_in(folder / name.c_str());
        StopAfter observer(batches);
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
    }
}

TEST_CASE("a resumed run equals an uninterrupted one under dropout") {
    const TemporaryFolder folder;
    TrainOptions options = quick();
    options.network = "small_cnn";
    options.head = head_preset("concat");
    const TrainJob whole = job_in(folder / "whole");
    const TrainJob stopped = job_in(folder / "stopped");
    TrainObserver nobody;
    StopAfter observer(5);
    train(whole, options, nobody);
    CHECK_THROWS_AS(train(stopped, options, observer), Cancelled);
    train(stopped, TrainOptions{}, nobody);
    check_equal(final_state(stopped), final_state(whole));

    options.head.dropout.clear();
    const TrainJob calm = job_in(folder / "calm");
    train(calm, options, nobody);
    const char* const name = "weights/head.fc1.weight";
    CHECK_FALSE(at::equal(final_state(calm).at(name), final_state(whole).at(name)));
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
    options.phases[0].schedule = Schedule::kConstant;
    TrainObserver nobody;
    CHECK_THROWS_AS(train(job, options, nobody), Diverged);
    if (std::filesystem::exists(job.folder / "checkpoint.safetensors"))
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
