#pragma once

#include <string>

namespace georgia {

/// What the processor can do that this library chooses by.
struct CpuFeatures {
    std::string name;
    bool avx2 = false;
    bool avx512 = false;
    bool avx512_bf16 = false;
    bool amx_bf16 = false;
};

CpuFeatures cpu_features();

/// Cores this process may use: its affinity mask, capped by the cgroup's CPU share; at least 1.
int usable_cores();

}  // namespace georgia
