#pragma once

#include <string_view>
#include <vector>

// Note [One source, three builds]: what is marked GEORGIA_INLINE becomes part of one function for
// each kind of processor, and the compiler finds the vector instructions that are to be had there.
// Arithmetic is of whole numbers, or never contracted, so that all builds give the same bytes.
#define GEORGIA_INLINE [[gnu::always_inline]] inline
#define GEORGIA_AVX2 [[gnu::target("avx2")]]
#define GEORGIA_AVX512 [[gnu::target("avx512bw,avx512dq")]]

namespace georgia {

/// A function as built for one kind of processor.
template <class Function>
struct Build {
    std::string_view name;
    Function* run;
};

/// The builds that this processor can run, the fastest first.
template <class Function>
std::vector<Build<Function>> usable_builds(Function* avx512, Function* avx2, Function* plain) {
    std::vector<Build<Function>> builds;
    if (__builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512dq"))
        builds.push_back({"AVX-512", avx512});
    if (__builtin_cpu_supports("avx2")) builds.push_back({"AVX2", avx2});
    builds.push_back({"plain", plain});
    return builds;
}

}  // namespace georgia
