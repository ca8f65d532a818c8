#include "georgia/analysis/similar_groups.h"

#include <ATen/ATen.h>
#include <algorithm>
#include <numeric>
#include <sstream>

#include "georgia/analysis/nearest.h"
#include "georgia/base/error.h"

namespace georgia {
namespace {

constexpr std::int64_t kRows = 512;  // at once
constexpr double kRounding = 1e-6;   // of a cosine in float32

/// Disjoint sets (R. Tarjan, 1975), each named by its smallest member.
class Sets {
  public:
    explicit Sets(std::int64_t count) : parents_(static_cast<std::size_t>(count)) {
        std::iota(parents_.begin(), parents_.end(), 0);
    }

    std::int64_t root(std::int64_t member) {
        while (at(member) != member) {
            at(member) = at(at(member));
            member = at(member);
        }
        return member;
    }

    void join(std::int64_t left, std::int64_t right) {
        left = root(left);
        right = root(right);
        at(std::max(left, right)) = std::min(left, right);
    }

  private:
    std::int64_t& at(std::int64_t member) {
        return parents_[static_cast<std::size_t>(member)];
    }

    std::vector<std::int64_t> parents_;
};

}  // namespace

std::vector<std::int64_t> similar_groups(
    const at::Tensor& points, double cosine, Progress& progress) {
    if (!(cosine > 0 && cosine <= 1)) {
        std::ostringstream got;
        got << cosine;
        throw InvalidOption("similar_groups", "cosine", "out of range", "above 0, to 1", got.str());
    }
    const at::Tensor unit = of_length_one(points);
    const std::int64_t count = unit.size(0);
    Sets sets(count);
    for (std::int64_t first = 0; first < count; first += kRows) {
        progress.advance_or_throw({"measure", first, count});
        const std::int64_t end = std::min(first + kRows, count);
        const at::Tensor cosines = at::matmul(unit.slice(0, first, end), unit.slice(0, first).t());
        const at::Tensor pairs = (cosines >= cosine - kRounding).nonzero().contiguous();  // (P, 2)
        const auto* pair = pairs.data_ptr<std::int64_t>();
        for (std::int64_t k = 0; k < pairs.size(0); ++k)
            sets.join(first + pair[2 * k], first + pair[2 * k + 1]);
    }
    progress.advance_or_throw({"measure", count, count});
    std::vector<std::int64_t> groups;
    for (std::int64_t i = 0; i < count; ++i) groups.push_back(sets.root(i));
    return groups;
}

}  // namespace georgia
