#include "georgia/data/inspect.h"

#include <filesystem>

#include "georgia/base/error.h"
#include "georgia/base/files.h"
#include "georgia/base/sha256.h"
#include "georgia/image/encode.h"

#include "catch.h"
#include "image/picture.h"

using namespace georgia;

namespace {

/// A folder with good images and a bad file; gone at the end.
class Folder {
  public:
    Folder() : path_(std::filesystem::temp_directory_path() / "georgia_inspect_test") {
        std::filesystem::create_directories(path_);
        for (int i = 0; i < 20; ++i) {
            auto bytes = encode_png(picture(8 + i, 9, 3));
            if (i % 7 == 3) bytes.resize(3);
            add(bytes);
        }
    }
    ~Folder() {
        std::filesystem::remove_all(path_);
    }
    Folder(const Folder&) = delete;
    Folder& operator=(const Folder&) = delete;

    const std::vector<std::string>& paths() const {
        return paths_;
    }

  private:
    void add(const std::vector<std::uint8_t>& bytes) {
        paths_.push_back((path_ / std::to_string(paths_.size())).string());
        write_file(paths_.back(), {reinterpret_cast<const char*>(bytes.data()), bytes.size()});
    }

    std::filesystem::path path_;
    std::vector<std::string> paths_;
};

class StopAtOnce : public Progress {
  public:
    bool advance(const ProgressStep&) override {
        return false;
    }
};

}  // namespace

TEST_CASE("facts do not depend on the number of threads, and a bad file stops nothing") {
    const Folder folder;
    Progress silent;
    InspectOptions options;
    const auto one = inspect_files(folder.paths(), options, silent);
    options.threads = 4;
    const auto four = inspect_files(folder.paths(), options, silent);
    REQUIRE(one.size() == 20);
    for (std::size_t i = 0; i < one.size(); ++i) {
        CHECK(one[i].error.empty() == (i % 7 != 3));
        CHECK(one[i].sha256 == sha256_file(folder.paths()[i]));
        CHECK(four[i].sha256 == one[i].sha256);
        CHECK(four[i].pixels.pixel_hash == one[i].pixels.pixel_hash);
        CHECK(one[i].height == (i % 7 == 3 ? 0 : static_cast<int>(8 + i)));
    }
}

TEST_CASE("crop is applied before the pixels are measured, and not to the size") {
    const Folder folder;
    Progress silent;
    InspectOptions options;
    options.reading.crop = {2, 0, 0, 0};
    const auto facts = inspect_files(folder.paths(), options, silent);
    CHECK(facts[0].height == 8);
    const Image whole = picture(8, 9, 3);
    CHECK(
        facts[0].pixels.pixel_hash ==
        fingerprint(cropped(whole, options.reading.crop, "")).pixel_hash);
    options.reading.crop = {9, 0, 0, 0};
    CHECK_THAT(
        inspect_files(folder.paths(), options, silent)[0].error,
        ContainsSubstring("nothing would be left"));
}

TEST_CASE("inspection stops when asked") {
    const Folder folder;
    StopAtOnce stop;
    CHECK_THROWS_AS(inspect_files(folder.paths(), {}, stop), Cancelled);
}
