#include "georgia/nn/precision_probe.h"

#include <string>

#include "georgia/base/machine.h"
#include "georgia/nn/precision.h"

#include "catch.h"

using namespace georgia;

TEST_CASE("the gain is how many times bfloat16 is as fast") {
    CHECK(PrecisionProbe{2e9, 5e9}.gain() == 2.5);
    const PrecisionProbe probe = probe_precision();
    CHECK(probe.float32 > 1e9);  // less than any processor that torch runs on
    CHECK(probe.bfloat16 > 1e6);
    CHECK(probe.gain() == probe_precision().gain());  // measured once, or it would differ
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
