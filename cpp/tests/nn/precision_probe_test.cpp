#include "georgia/nn/precision_probe.h"

#include <chrono>

#include "georgia/base/machine.h"
#include "georgia/nn/precision.h"

#include "catch.h"

using namespace georgia;

TEST_CASE("the probe measures once, in about a tenth of a second") {
    const auto start = std::chrono::steady_clock::now();
    const PrecisionProbe& probe = probe_precision();
    const std::chrono::duration<double> first = std::chrono::steady_clock::now() - start;
    CHECK(probe.float32 > 1e9);  // a GFLOP/s: less than any processor that torch runs on
    CHECK(probe.bfloat16 > 0);
    CHECK(first.count() < 5);  // one slow convolution beyond the budget, on a busy machine
    CHECK(&probe_precision() == &probe);
}

TEST_CASE("auto takes bfloat16 where the processor multiplies it and gains by it") {
    const CpuFeatures cpu = cpu_features();
    const bool multiplies = cpu.avx512_bf16 || cpu.amx_bf16;
    const bool gains = multiplies && probe_precision().gain() > 1.1;
    const Compute compute = resolve_compute("cpu", PrecisionRequest::kAuto);
    CHECK((compute.precision == Precision::kBfloat16) == gains);
    const std::string reason = reason_for(compute);
    CHECK((reason.find("no instructions") != std::string::npos) == !multiplies);
}
