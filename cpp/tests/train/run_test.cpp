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
        memory.limit = SIZE_MAX;
    }

    static SmallMemory memory;
    std::string notices;
};

SmallMemory Starved::memory;

/// No batch normalisation: its running statistics would see the batch that did not fit.
TrainOptions squeezed() {
    TrainOptions options = quick();
    options.network = "squeezenet1_1";
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
    Starved starved(1'200'000, 4);  // the first plane of six images has 1.5 MB
    train(job, squeezed(), starved);
    CHECK(
        starved.notices.find("out of memory: from here on gradients are added up over 4 parts") ==
        0);

    const TrainJob other = job_in(folder / "parts");
    StopAfter stop(1);
    CHECK_THROWS_AS(train(other, squeezed(), stop), Cancelled);
    Checkpoint checkpoint = read_checkpoint(other.folder / "checkpoint.safetensors");
    checkpoint.options.accumulate = 4;
    write_checkpoint(other.folder / "checkpoint.safetensors", checkpoint);
    TrainObserver nobody;
    train(other, squeezed(), nobody);
    const TensorMap expected = final_state(other);
    for (const auto& [name, tensor] : final_state(job)) {
        INFO(name);
        CHECK(at::equal(tensor, expected.at(name)));
    }
}

TEST_CASE("images that never fit into the memory are told") {
    const TemporaryFolder folder;
    const TrainJob job = job_in(folder / "starved");
    Starved starved(100'000, 0);
    TrainOptions options = squeezed();
    options.phases[0].batch = 2;
    CHECK_THROWS_AS(train(job, options, starved), InvalidOption);
}
