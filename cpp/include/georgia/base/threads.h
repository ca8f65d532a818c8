#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <thread>

namespace georgia {

enum class Priority { kNormal, kLowest };

/// A named thread, joined by its destructor. The only place where this library starts one.
///
/// kLowest is nice 19 for that thread alone: a thread that decodes images then yields every core
/// to the compute threads, which spin at their barriers and suffer badly from a busy neighbour.
class Worker {
  public:
    Worker(const std::string& name, Priority priority, std::function<void()> work);

  private:
    std::jthread thread_;
};

/// Called before anything computes on the pool of threads that torch keeps. A child that was forked
/// from a process which had computed has the pool's locks but not its threads and would wait for
/// them for ever: there it throws InvalidOption.
void require_compute_threads(std::string_view speaker);

}  // namespace georgia
