#include "georgia/base/machine.h"

#include <algorithm>
#include <cmath>
#include <fstream>
#include <sched.h>
#include <sstream>
#include <string_view>

namespace georgia {
namespace {

/// The CPU share of the cgroup (version 2, then 1) in cores; 0 when there is no limit.
double cgroup_cores() {
    std::string quota;
    double period = 0;
    if (std::ifstream v2("/sys/fs/cgroup/cpu.max"); v2 >> quota >> period)
        return quota == "max" || period <= 0 ? 0 : std::stod(quota) / period;
    double micros = 0;
    std::ifstream v1_quota("/sys/fs/cgroup/cpu/cpu.cfs_quota_us");
    std::ifstream v1_period("/sys/fs/cgroup/cpu/cpu.cfs_period_us");
    if (v1_quota >> micros && v1_period >> period && micros > 0 && period > 0)
        return micros / period;
    return 0;
}

}  // namespace

CpuFeatures cpu_features() {
    CpuFeatures features;
    std::ifstream info("/proc/cpuinfo");
    for (std::string line; std::getline(info, line);) {
        const auto colon = line.find(':');
        if (colon == std::string::npos) continue;
        const std::string_view key(line.data(), line.find_last_not_of("\t ", colon - 1) + 1);
        if (key == "model name" && features.name.empty()) {
            features.name = line.substr(std::min(colon + 2, line.size()));
        } else if (key == "flags") {
            std::istringstream words(line.substr(colon + 1));
            for (std::string word; words >> word;) {
                features.avx2 |= word == "avx2";
                features.avx512 |= word == "avx512bw";
                features.avx512_bf16 |= word == "avx512_bf16";
                features.amx_bf16 |= word == "amx_bf16";
            }
            break;
        }
    }
    return features;
}

int usable_cores() {
    cpu_set_t mask;
    CPU_ZERO(&mask);
    int cores = 1;
    if (::sched_getaffinity(0, sizeof(mask), &mask) == 0) cores = CPU_COUNT(&mask);
    if (const double share = cgroup_cores(); share > 0)
        cores = std::min(cores, static_cast<int>(std::ceil(share)));
    return std::max(cores, 1);
}

}  // namespace georgia
