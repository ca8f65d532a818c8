#include "train/run.h"

#include <ATen/ATen.h>
#include <c10/core/CPUAllocator.h>

#include "georgia/base/error.h"
#include "georgia/train/checkpoint.h"

#include "catch.h"
#include "temporary_folder.h"
#include "train/small_job.h"

using namespace georgia;

namespace {

/// A memory that has a few blocks above a limit and then no more, as a GPU that is full.
class SmallMemory : public c10::Allocator {
  public:
    c10::DataPtr allocate(std::size_t size) override {
        if (size > limit && --left < 0)
            throw c10::OutOfMemoryError({__func__, __FILE__, __LINE__}, "no such block");
        return behind->allocate(size);
    }

    c10::DeleterFnPtr raw_deleter() const override {
        return behind->raw_deleter();
    }

    void copy_data(void* to, const void* from, std::size_t count) const override {
        behind->copy_data(to, from, count);
    }

    c10::Allocator* behind = nullptr;
    std::size_t limit = 0;
    int left = 0;
};

/// Lets the memory be small from the second step on, until the training tells of it.
class Starved : public TrainObserver {
  public:
    Starved(std::size_t limit, int blocks) {
        memory.limit = limit;
        memory.left = blocks;
    }

    void on_batch(const BatchRecord& record) override {
        if (record.step != 1) return;
        memory.behind = c10::GetCPUAllocator();
        c10::SetCPUAllocator(&memory, /*priority=*/1);
    }

    void on_notice(const std::string& text) override {
        notices += text;
        if (!stays) memory.limit = SIZE_MAX;
    }

    static SmallMemory memory;
    std::string notices;
    bool stays = false;
};

SmallMemory Starved::memory;

TrainOptions large() {
    TrainOptions options = quick();
    options.phases = {options.phases[1]};
    options.phases[0].batch = 12;
    options.phases[0].size = 64;
    options.precision = PrecisionRequest::kFloat32;
    options.accumulate = 2;
    return options;
}

}  // namespace

TEST_CASE("what does not fit into the memory is done in parts, with the same result") {
    const TemporaryFolder folder;
    const TrainJob job = job_in(folder / "starved");
    Starved starved(2'000'000, 4);  // the first plane of six images has 3.1 MB
    train(job, large(), starved);
    CHECK(starved.notices.starts_with("out of memory: from here on gradients are added up over 4"));

    const TrainJob other = job_in(folder / "parts");
    StopAfter stop(1);
    CHECK_THROWS_AS(train(other, large(), stop), Cancelled);
    Checkpoint checkpoint = read_checkpoint(other.folder / "checkpoint.safetensors");
    checkpoint.options.accumulate = 4;
    write_checkpoint(other.folder / "checkpoint.safetensors", checkpoint);
    TrainObserver nobody;
    train(other, large(), nobody);
    check_equal(final_state(job), final_state(other));
}

TEST_CASE("a memory for two images is enough, in validation too") {
    const TemporaryFolder folder;
    const TrainJob job = job_in(folder / "starved");
    Starved starved(1'200'000, 0);  // two images: 1.0 MB, three: 1.6 MB
    starved.stays = true;
    train(job, large(), starved);
    CHECK(starved.notices.starts_with("out of memory: from here on gradients are added up over 6"));
    CHECK(history_of(job).size() == 2);
}

TEST_CASE("images that never fit into the memory are told") {
    const TemporaryFolder folder;
    const TrainJob job = job_in(folder / "starved");
    Starved starved(600'000, 0);  // one image: 0.5 MB
    starved.stays = true;
    CHECK_THROWS_WITH(train(job, large(), starved), ContainsSubstring("two images"));
    CHECK(starved.notices.starts_with("no checkpoint written"));
}

TEST_CASE("steps that are waited for together train, stop and diverge as others do") {
    const TemporaryFolder folder;
    TrainObserver nobody;
    const TrainJob whole = job_in(folder / "whole");
    train(whole, rich(), nobody);
    for (int batches = 1; batches < 12; ++batches) {
        INFO("stopped after batch " << batches);
        const TrainJob job = job_in(folder / std::to_string(batches).c_str());
        StopAfter observer(batches, /*in_validation=*/true);
        CHECK_THROWS_AS(Run(job, rich(), observer, 50).work(), Cancelled);
        Run(job, rich(), nobody, 50).work();
        check_equal(final_state(job), final_state(whole));
        const auto history = history_of(job);
        REQUIRE(history.size() == history_of(whole).size());
        for (std::size_t i = 0; i < history.size(); ++i)
            CHECK(history[i].train_loss == history_of(whole)[i].train_loss);
    }

    TrainOptions exploding = quick();
    exploding.phases = {exploding.phases[1]};
    exploding.phases[0].learning_rate = 1e9;
    exploding.phases[0].schedule = Schedule::kConstant;
    exploding.phases[0].batch = 2;
    std::string told[2];
    for (const int unread : {1, 50}) {
        const TrainJob job = job_in(folder / ("exploding" + std::to_string(unread)).c_str());
        try {
            Run(job, exploding, nobody, unread).work();
        } catch (const Diverged& error) {
            told[unread == 1 ? 0 : 1] = error.what();
        }
        CHECK_FALSE(std::filesystem::exists(job.folder / "model.safetensors"));
    }
    CHECK(told[0].find("after ") != std::string::npos);
    CHECK(told[0] == told[1]);
}
