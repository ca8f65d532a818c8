#include "georgia/base/threads.h"

#include <atomic>
#include <pthread.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>
#include <utility>

#include "georgia/base/error.h"

namespace georgia {
namespace {

std::atomic<bool> has_computed = false;
std::atomic<bool> has_lost_threads = false;

}  // namespace

void require_compute_threads(std::string_view speaker) {
    static const int kWatch = ::pthread_atfork(
        nullptr, nullptr, [] { has_lost_threads = has_lost_threads || has_computed; });
    static_cast<void>(kWatch);
    if (has_lost_threads)
        throw InvalidOption(
            speaker,
            "fork",
            "this process was forked from one that had computed, whose threads did not come along",
            "multiprocessing with the start method spawn or forkserver",
            "fork");
    has_computed = true;
}

Worker::Worker(const std::string& name, Priority priority, std::function<void()> work)
    : thread_([name = name.substr(0, 15), priority, work = std::move(work)] {
          sigset_t all;
          sigfillset(&all);
          pthread_sigmask(SIG_BLOCK, &all, nullptr);  // signals belong to the caller's threads
          pthread_setname_np(pthread_self(), name.c_str());
          if (priority == Priority::kLowest)
              ::setpriority(PRIO_PROCESS, static_cast<id_t>(::syscall(SYS_gettid)), 19);
          work();
      }) {}

}  // namespace georgia
