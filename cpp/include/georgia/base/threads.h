#pragma once

#include <functional>
#include <string>
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

}  // namespace georgia
