#include "georgia/base/files.h"

#include <string>

#include "georgia/base/error.h"

#include "catch.h"
#include "temporary_folder.h"

using namespace georgia;

namespace {

std::string text_of(const std::filesystem::path& path) {
    const Bytes bytes = read_file(path, 1000);
    return {bytes.begin(), bytes.end()};
}

}  // namespace

TEST_CASE("a file appears whole or not at all") {
    const TemporaryFolder folder;
    const auto path = folder / "a.txt";
    write_file(path, "old");
    {
        AtomicFile file(path);
        file.write("half of the ne");
        CHECK(text_of(path) == "old");
    }
    CHECK(text_of(path) == "old");
    CHECK(std::distance(std::filesystem::directory_iterator(path.parent_path()), {}) == 1);
    write_file(path, "new");
    CHECK(text_of(path) == "new");
}

TEST_CASE("errors of the system name the path") {
    const TemporaryFolder folder;
    CHECK_THROWS_AS(read_file(folder / "none", 10), IoError);
    CHECK_THROWS_WITH(read_file(folder / "none", 10), ContainsSubstring("none"));
    CHECK_THROWS_AS(read_file(folder / ".", 10), IoError);
    CHECK_THROWS_AS(write_file(folder / "no/such/file", "x"), IoError);
    write_file(folder / "big", "0123456789");
    CHECK_THROWS_AS(read_file(folder / "big", 9), BadInput);
}

TEST_CASE("a kept file stays what it was when another takes its name") {
    const TemporaryFolder folder;
    const auto read = [&](const char* name) {
        const Bytes bytes = read_file(folder / name, 100);
        return std::string(bytes.begin(), bytes.end());
    };
    write_file(folder / "a", "one");
    keep_file(folder / "a", folder / "kept");
    keep_file(folder / "a", folder / "kept");  // already two names of one file
    CHECK_FALSE(std::filesystem::exists(folder / "kept.new"));
    write_file(folder / "a", "two");
    CHECK(read("kept") == "one");
    keep_file(folder / "a", folder / "kept");
    CHECK(read("kept") == "two");
    CHECK(read("a") == "two");
    CHECK_THROWS_AS(keep_file(folder / "none", folder / "kept"), IoError);
    CHECK(read("kept") == "two");
}
