#include "georgia/base/parallel.h"

#include <atomic>
#include <cstdint>
#include <exception>
#include <list>
#include <mutex>
#include <string>
#include <system_error>
#include <utility>

#include "georgia/base/threads.h"

namespace georgia {

void for_each_number(
    std::size_t count, const Parallel& how, const std::function<void(std::size_t)>& work) {
    std::atomic<std::size_t> next = 0;
    std::atomic<std::int64_t> done = 0;
    std::mutex mutex;
    std::exception_ptr failure;  // guarded by the mutex
    const auto stop_with = [&](std::exception_ptr why) {
        const std::scoped_lock lock(mutex);
        if (!failure) failure = std::move(why);
        next = count;
    };
    const auto run = [&](Progress* watched) {
        try {
            for (std::size_t i = next++; i < count; i = next++) {
                work(i);
                ++done;
                if (watched != nullptr)
                    watched->advance_or_throw({how.stage, done, static_cast<std::int64_t>(count)});
            }
        } catch (...) {
            stop_with(std::current_exception());
        }
    };
    std::list<Worker> workers;
    try {
        for (int i = 1; i < how.threads; ++i)
            workers.emplace_back(std::string(how.stage), Priority::kNormal, [&] { run(nullptr); });
    } catch (const std::system_error&) {
        // The system gives no more threads: those there are do the work.
    }
    run(&how.progress);
    workers.clear();  // waits for them
    if (failure) std::rethrow_exception(failure);
}

}  // namespace georgia
