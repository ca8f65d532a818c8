#include "georgia/engine/feature_bank.h"

#include <ATen/ATen.h>
#include <vector>

#include "catch.h"

using namespace georgia;
using Rows = std::vector<std::int64_t>;

namespace {

/// Planes and rows of n images, each image with numbers of its own.
std::vector<at::Tensor> values(std::int64_t first, std::int64_t n) {
    const at::Tensor planes = at::arange(first * 24, (first + n) * 24, at::kFloat)
                                  .view({n, 4, 2, 3})
                                  .contiguous(at::MemoryFormat::ChannelsLast);
    return {planes, at::arange(first * 5, (first + n) * 5, at::kBFloat16).view({n, 5})};
}

constexpr std::int64_t kBytesOfImage = 24 * 4 + 5 * 2;

}  // namespace

TEST_CASE("a bank gives back what was put in, in any order") {
    FeatureBank bank(6, 6 * kBytesOfImage);
    CHECK_FALSE(bank.holds(0));
    bank.put(Rows{4, 1}, values(0, 2));
    bank.put(Rows{0}, values(2, 1));
    CHECK(bank.holds(Rows{0, 1, 4}));
    CHECK_FALSE(bank.holds(Rows{0, 1, 2}));
    const std::vector<at::Tensor> got = bank.get(Rows{0, 4, 1});
    const std::vector<at::Tensor> all = values(0, 3);
    for (std::size_t end = 0; end < 2; ++end) {
        CHECK(at::equal(got[end], all[end].index_select(0, at::tensor({2, 0, 1}))));
        CHECK(got[end].scalar_type() == all[end].scalar_type());
    }
    CHECK(got[0].is_contiguous(at::MemoryFormat::ChannelsLast));

    bank.put(Rows{1, 2}, values(3, 2));  // row 1 is there already
    CHECK(at::equal(bank.get(Rows{1})[0], values(1, 1)[0]));
    CHECK(at::equal(bank.get(Rows{2})[0], values(4, 1)[0]));
    bank.clear();
    CHECK_FALSE(bank.holds(1));
}

TEST_CASE("a bank that would be too large keeps nothing") {
    FeatureBank bank(6, 6 * kBytesOfImage - 1);
    bank.put(Rows{0, 1}, values(0, 2));
    CHECK_FALSE(bank.holds(0));
}
