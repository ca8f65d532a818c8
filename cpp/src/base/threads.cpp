#include "georgia/base/threads.h"

#include <pthread.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>
#include <utility>

namespace georgia {

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
