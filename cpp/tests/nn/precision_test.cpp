#include "georgia/nn/precision.h"

#include <ATen/ATen.h>
#include <ATen/Parallel.h>

#include "georgia/base/error.h"

#include "catch.h"

using namespace georgia;

TEST_CASE("requests resolve to what is there") {
    CHECK(resolve_compute("cpu", PrecisionRequest::kFloat32).precision == Precision::kFloat32);
    CHECK(resolve_compute("cpu", PrecisionRequest::kBfloat16).type() == at::kBFloat16);
    CHECK_THROWS_AS(resolve_compute("gpu", PrecisionRequest::kAuto), InvalidOption);
    CHECK_THROWS_AS(resolve_compute("cuda:x", PrecisionRequest::kAuto), InvalidOption);
    CHECK_THROWS_AS(resolve_compute("cuda:99", PrecisionRequest::kAuto), InvalidOption);
}

TEST_CASE("a session restores what it set, and refuses a second one") {
    const int before = at::get_num_threads();
    at::Tensor outlives;
    {
        const ComputeSession session(1);
        CHECK(at::get_num_threads() == 1);
        CHECK_THROWS_AS(ComputeSession(1), InvalidOption);
        outlives = at::ones({1 << 20});
        for (int i = 0; i < 5; ++i) at::Tensor dropped = at::ones({1 << 20});
    }
    CHECK(at::get_num_threads() == before);
    CHECK(outlives.sum().item<float>() == 1 << 20);
    outlives.reset();
    const ComputeSession again(2);
    CHECK(at::ones({1 << 18}).sum().item<float>() == 1 << 18);
}
