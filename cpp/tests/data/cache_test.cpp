#include "georgia/data/cache.h"

#include <filesystem>
#include <string>
#include <vector>

#include "georgia/base/files.h"
#include "georgia/data/loader.h"
#include "georgia/image/decode.h"
#include "georgia/image/encode.h"

#include "catch.h"
#include "image/picture.h"

using namespace georgia;

namespace {

/// A folder of PNG files: colour, gray stored as colour, and with transparency.
class Photos {
  public:
    Photos() {
        std::filesystem::create_directory(folder_);
        for (int i = 0; i < 9; ++i) {
            Image image = picture(20 + i, 31, i % 3 == 2 ? 4 : 3);
            if (i % 3 == 1)
                for (std::size_t p = 0; p < image.pixels.size(); p += 3)
                    image.pixels[p + 1] = image.pixels[p + 2] = image.pixels[p];
            const auto bytes = encode_png(image);
            const std::string path = (folder_ / (std::to_string(i) + ".png")).string();
            write_file(path, {reinterpret_cast<const char*>(bytes.data()), bytes.size()});
            samples_.push_back({path, i % 2});
        }
    }
    ~Photos() {
        remove();
    }

    void remove() const {
        std::filesystem::remove_all(folder_);
    }

    const std::vector<Sample>& samples() const {
        return samples_;
    }

  private:
    std::filesystem::path folder_ = std::filesystem::temp_directory_path() / "georgia-cache-test";
    std::vector<Sample> samples_;
};

LoaderOptions two_epochs(std::shared_ptr<DecodeCache> cache) {
    LoaderOptions options;
    options.batch = 9;
    options.epochs = 2;
    options.threads = 0;
    options.shuffle = true;
    options.augment = AugmentOptions{};
    options.cache = std::move(cache);
    return options;
}

Preprocess frame(std::int64_t channels) {
    Preprocess preprocess;
    preprocess.height = preprocess.width = 16;
    preprocess.channels = channels;
    preprocess.mean.assign(static_cast<std::size_t>(channels), 0.5);
    preprocess.deviation = preprocess.mean;
    return preprocess;
}

std::vector<std::uint8_t> pixels_of(const BatchView& batch, const Preprocess& preprocess) {
    batch.rethrow_failure();
    const auto bytes = static_cast<std::size_t>(batch.count) * preprocess.row_bytes();
    return {batch.pixels, batch.pixels + bytes};
}

}  // namespace

TEST_CASE("images from the cache are those from the files") {
    for (const std::int64_t channels : {1, 3, 4}) {
        const Photos photos;
        const Preprocess preprocess = frame(channels);
        const auto cache = std::make_shared<DecodeCache>(std::int64_t{1} << 20);
        Loader plain(photos.samples(), preprocess, two_epochs(nullptr));
        Loader cached(photos.samples(), preprocess, two_epochs(cache));
        std::vector<std::vector<std::uint8_t>> expected;
        for (int epoch = 0; epoch < 2; ++epoch)
            expected.push_back(pixels_of(plain.next(), preprocess));
        CHECK((pixels_of(cached.next(), preprocess) == expected[0]));
        CHECK(cache->size() == 9);
        photos.remove();  // nobody reads them again
        CHECK((pixels_of(cached.next(), preprocess) == expected[1]));
    }
}

TEST_CASE("loaders with threads may share a cache") {
    const Photos photos;
    const Preprocess preprocess = frame(3);
    Loader plain(photos.samples(), preprocess, two_epochs(nullptr));
    LoaderOptions options = two_epochs(std::make_shared<DecodeCache>(std::int64_t{1} << 20));
    options.threads = 4;
    Loader first(photos.samples(), preprocess, options);
    Loader second(photos.samples(), preprocess, options);
    for (int epoch = 0; epoch < 2; ++epoch) {
        const auto expected = pixels_of(plain.next(), preprocess);
        CHECK((pixels_of(first.next(), preprocess) == expected));
        CHECK((pixels_of(second.next(), preprocess) == expected));
    }
    CHECK(options.cache->size() == 9);
}

TEST_CASE("the cache keeps what fits, gray as one channel") {
    const Photos photos;
    const Preprocess preprocess = frame(3);
    // In this order the first file takes 20 x 31 x 3 bytes, the second, gray, 21 x 31.
    LoaderOptions options = two_epochs(std::make_shared<DecodeCache>(20 * 31 * 3 + 21 * 31));
    options.shuffle = false;
    Loader loader(photos.samples(), preprocess, options);
    loader.next().rethrow_failure();
    CHECK(options.cache->size() == 2);
    const auto gray = options.cache->find(std::get<std::string>(photos.samples()[1].source));
    REQUIRE(gray != nullptr);
    CHECK(gray->channels == 1);

    const auto none = std::make_shared<DecodeCache>(0);
    Loader without(photos.samples(), preprocess, two_epochs(none));
    without.next().rethrow_failure();
    without.next().rethrow_failure();
    CHECK(none->size() == 0);
}

TEST_CASE("a damaged file is not kept") {
    const Photos photos;
    const auto path = std::get<std::string>(photos.samples()[4].source);
    write_file(path, "no image");
    LoaderOptions options = two_epochs(std::make_shared<DecodeCache>(std::int64_t{1} << 20));
    Loader loader(photos.samples(), frame(3), options);
    CHECK_THROWS(loader.next().rethrow_failure());
    CHECK(options.cache->size() == 8);
}
