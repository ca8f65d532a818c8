#pragma once

#include <cstddef>
#include <functional>
#include <string_view>

#include "georgia/base/progress.h"

namespace georgia {

/// How work on independent items is done: by so many threads, the caller's among them, which alone
/// tells the progress.
struct Parallel {
    int threads;
    std::string_view stage;
    Progress& progress;
};

/// Does `work` for each number below `count`, in any order. The first exception ends it and is
/// thrown on the caller's thread once the others have stopped.
void for_each_number(
    std::size_t count, const Parallel& how, const std::function<void(std::size_t)>& work);

}  // namespace georgia
