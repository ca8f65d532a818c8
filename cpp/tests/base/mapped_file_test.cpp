#include "georgia/base/mapped_file.h"

#include <algorithm>
#include <optional>

#include "georgia/base/error.h"
#include "georgia/base/files.h"

#include "catch.h"

using namespace georgia;

namespace {

struct Folder {
    Folder() {
        std::filesystem::remove_all(path);
        std::filesystem::create_directory(path);
    }
    ~Folder() {
        std::filesystem::remove_all(path);
    }

    std::ptrdiff_t files() const {
        return std::distance(std::filesystem::directory_iterator(path), {});
    }

    std::filesystem::path path = std::filesystem::temp_directory_path() / "georgia-map-test";
};

}  // namespace

TEST_CASE("a mapped file appears when it is kept, and only then") {
    const Folder folder;
    const auto path = folder.path / "numbers";
    {
        const MappedFile dropped = MappedFile::create(path, 5000);
        CHECK(folder.files() == 1);
    }
    CHECK(folder.files() == 0);
    {
        MappedFile kept = MappedFile::create(path, 5000);
        std::fill_n(kept.data(), 5000, std::uint8_t{7});
        CHECK_FALSE(std::filesystem::exists(path));
        kept.keep();
    }
    CHECK(folder.files() == 1);
    const MappedFile again = MappedFile::open(path);
    REQUIRE(again.size() == 5000);
    CHECK(std::count(again.data(), again.data() + 5000, 7) == 5000);
}

TEST_CASE("what a killed process left is removed, what a living one fills is not") {
    const Folder folder;
    const auto path = folder.path / "numbers";
    write_file(folder.path / "numbers.abc123", "left");
    write_file(folder.path / "numbers2", "another");
    std::optional<MappedFile> living(MappedFile::create(path, 100));
    CHECK(folder.files() == 2);
    const MappedFile second = MappedFile::create(path, 100);
    CHECK(folder.files() == 3);
    living->keep();
}

TEST_CASE("a file that is too large for the disk is refused before anything is written") {
    const Folder folder;
    CHECK_THROWS_AS(MappedFile::create(folder.path / "huge", std::size_t{1} << 62), IoError);
    CHECK(folder.files() == 0);
    CHECK_THROWS_AS(MappedFile::create(folder.path / "no" / "folder", 10), IoError);
    CHECK_THROWS_AS(MappedFile::open(folder.path / "absent"), IoError);
    write_file(folder.path / "empty", "");
    CHECK_THROWS_AS(MappedFile::open(folder.path / "empty"), BadInput);
}
