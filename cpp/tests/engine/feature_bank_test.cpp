#include "georgia/engine/feature_bank.h"

#include <ATen/ATen.h>
#include <vector>

#include "georgia/base/error.h"
#include "georgia/base/files.h"

#include "catch.h"
#include "temporary_folder.h"

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

TEST_CASE("a bank in a file is found again whole, and not by others") {
    const auto folder = std::filesystem::temp_directory_path() / "georgia-bank-test";
    std::filesystem::remove_all(folder);
    std::filesystem::create_directory(folder);
    const BankFile file{folder, std::string(64, 'a'), {}};
    const std::int64_t budget = 6 * kBytesOfImage;
    {
        FeatureBank half(6, budget, file);
        half.put(Rows{0, 1, 2}, values(0, 3));
        CHECK_FALSE(std::filesystem::exists(file.path()));
    }
    CHECK(std::filesystem::is_empty(folder));  // a part is nobody's
    {
        FeatureBank bank(6, budget, file);
        bank.put(Rows{5, 4, 3}, values(3, 3));
        bank.put(Rows{0, 1, 2}, values(0, 3));
        CHECK(std::filesystem::exists(file.path()));
        CHECK(at::equal(bank.get(Rows{3})[0], values(5, 1)[0]));  // still there
    }
    const FeatureBank again(6, budget, file);
    CHECK(again.holds(Rows{0, 1, 2, 3, 4, 5}));
    for (std::size_t end = 0; end < 2; ++end) {
        CHECK(at::equal(again.get(Rows{4, 0})[end][0], values(4, 1)[end][0]));
        CHECK(again.get(Rows{4})[end].scalar_type() == values(4, 1)[end].scalar_type());
    }

    const auto renamed = BankFile{folder, std::string(64, 'b'), {}};
    CHECK_THROWS_AS(FeatureBank(7, budget, file), BadInput);
    std::filesystem::copy_file(file.path(), renamed.path());
    CHECK_THROWS_AS(FeatureBank(6, budget, renamed), BadInput);  // another's, under this name
    std::filesystem::resize_file(file.path(), 5000);
    CHECK_THROWS_AS(FeatureBank(6, budget, file), BadInput);
    std::filesystem::resize_file(file.path(), 10);
    CHECK_THROWS_AS(FeatureBank(6, budget, file), BadInput);
    write_file(file.path(), "no bank");
    CHECK_THROWS_AS(FeatureBank(6, budget, file), BadInput);
    std::filesystem::remove_all(folder);
}

TEST_CASE("a bank that cannot be a file is kept in memory, and why is told") {
    std::string told;
    const auto tell = [&](const std::string& why) { told = why; };
    FeatureBank bank(2, 2 * kBytesOfImage, BankFile{"/nowhere/at/all", "key", tell});
    bank.put(Rows{0}, values(0, 1));
    CHECK(told.find("/nowhere/at/all/key.bank") != std::string::npos);
    bank.put(Rows{1}, values(1, 1));
    CHECK(at::equal(bank.get(Rows{1})[0], values(1, 1)[0]));
}

TEST_CASE("a bank whose folder goes away before it is whole has its rows all the same") {
    std::string told;
    const auto tell = [&](const std::string& why) { told = why; };
    auto folder = std::make_unique<TemporaryFolder>();
    FeatureBank bank(2, 2 * kBytesOfImage, BankFile{*folder / ".", "key", tell});
    bank.put(Rows{0}, values(0, 1));
    folder.reset();
    CHECK(told.empty());
    bank.put(Rows{1}, values(1, 1));
    CHECK_FALSE(told.empty());
    CHECK(at::equal(bank.get(Rows{0})[0], values(0, 1)[0]));
}
