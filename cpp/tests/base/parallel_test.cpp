#include "georgia/base/parallel.h"

#include <atomic>
#include <stdexcept>
#include <thread>
#include <vector>

#include "catch.h"

using namespace georgia;

namespace {

/// Counts what it is told, and stops after so many.
struct Watcher : Progress {
    std::thread::id caller = std::this_thread::get_id();
    int told = 0;
    int most = 1000;

    bool advance(const ProgressStep& step) override {
        CHECK(std::this_thread::get_id() == caller);
        CHECK(step.stage == "count");
        CHECK(step.done <= step.total);
        return ++told < most;
    }
};

}  // namespace

TEST_CASE("each number's work is done once") {
    for (const int threads : {1, 4}) {
        std::vector<std::atomic<int>> visits(500);
        Watcher watcher;
        for_each_number(500, {threads, "count", watcher}, [&](std::size_t i) { ++visits[i]; });
        for (const auto& count : visits) CHECK(count == 1);
        CHECK((threads > 1 || watcher.told == 500));
    }
    Watcher watcher;
    for_each_number(0, {4, "count", watcher}, [](std::size_t) { FAIL("nothing is to be done"); });
}

TEST_CASE("an exception of any thread's work is thrown on the caller's") {
    for (const int threads : {1, 4}) {
        Watcher watcher;
        std::atomic<int> done = 0;
        CHECK_THROWS_WITH(
            for_each_number(
                500,
                {threads, "count", watcher},
                [&](std::size_t i) {
                    if (i == 20) throw std::runtime_error("the twentieth");
                    ++done;
                }),
            "the twentieth");
        CHECK(done >= 20);
        CHECK((threads > 1 || done == 20));  // others may have done all before it was thrown
    }
}

TEST_CASE("work stops when the progress says so") {
    for (const int threads : {1, 4}) {
        Watcher watcher;
        watcher.most = 3;
        const auto count = [&] {
            for_each_number(1'000'000, {threads, "count", watcher}, [](std::size_t) {
                std::this_thread::yield();
            });
        };
        CHECK_THROWS_AS(count(), Cancelled);
        CHECK(watcher.told == 3);
    }
}
