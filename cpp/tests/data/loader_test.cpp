#include "georgia/data/loader.h"

#include <atomic>
#include <memory>
#include <string>
#include <vector>

#include "georgia/base/error.h"

#include "catch.h"
#include "image/picture.h"

using namespace georgia;

namespace {

std::vector<Sample> pictures(int count) {
    std::vector<Sample> samples;
    for (int i = 0; i < count; ++i) {
        auto image = std::make_shared<Image>(picture(12 + i, 15, 3));
        samples.push_back({std::shared_ptr<const Image>(std::move(image)), i % 3});
    }
    return samples;
}

Preprocess small() {
    Preprocess preprocess;
    preprocess.height = preprocess.width = 10;
    return preprocess;
}

LoaderOptions options(int threads) {
    LoaderOptions result;
    result.batch = 4;
    result.epochs = 3;
    result.threads = threads;
    result.shuffle = true;
    result.seed = 11;
    result.augment = AugmentOptions{};
    result.augment.perspective = 0.1;
    result.augment.noise = 0.1;
    result.augment.blur = 1;
    return result;
}

/// Positions, samples and pixels of all that is left, as one string to compare.
std::string drain(Loader& loader) {
    std::string all;
    for (BatchView batch = loader.next(); batch.count > 0; batch = loader.next()) {
        batch.rethrow_failure();
        all += std::to_string(batch.position.epoch) + "/" + std::to_string(batch.position.batch);
        for (const auto sample : batch.samples) all += " " + std::to_string(sample);
        const auto bytes = static_cast<std::size_t>(batch.count) * small().row_bytes();
        all.append(reinterpret_cast<const char*>(batch.pixels), bytes);
    }
    return all;
}

}  // namespace

TEST_CASE("batches do not depend on the number of threads") {
    Loader inline_loader(pictures(23), small(), options(0));
    const std::string expected = drain(inline_loader);
    CHECK(expected.size() > 3 * 23 * small().row_bytes());
    for (const int threads : {1, 2, 8}) {
        Loader loader(pictures(23), small(), options(threads));
        CHECK(drain(loader) == expected);
    }
}

TEST_CASE("a position continues what an uninterrupted run would have given") {
    Loader whole(pictures(23), small(), options(2));
    for (int i = 0; i < 8; ++i) whole.next();  // six batches an epoch: now at epoch 1, batch 2
    const std::string rest = drain(whole);
    Loader again(pictures(23), small(), options(2));
    for (int i = 0; i < 3; ++i) again.next();
    again.seek({1, 2});
    CHECK(drain(again) == rest);
    again.seek({1, 2});
    CHECK(drain(again) == rest);
}

TEST_CASE("a failure reaches its own row with the path, and the others are good") {
    auto samples = pictures(6);
    samples[4].source = std::string("/no/such/photo.png");
    for (const int threads : {0, 2}) {
        LoaderOptions all = options(threads);
        all.batch = 6;
        all.epochs = 1;
        all.shuffle = false;
        Loader loader(samples, small(), all);
        const BatchView batch = loader.next();
        REQUIRE(batch.count == 6);
        for (std::size_t i = 0; i < 6; ++i) CHECK((batch.failures[i] != nullptr) == (i == 4));
        CHECK_THROWS_AS(batch.rethrow_failure(), IoError);
        CHECK_THROWS_WITH(batch.rethrow_failure(), ContainsSubstring("photo.png"));
    }
}

TEST_CASE("a loader can be left at any moment") {
    for (int taken = 0; taken < 5; ++taken) {
        Loader loader(pictures(40), small(), options(4));
        for (int i = 0; i < taken; ++i) loader.next();
    }
    Loader loader(pictures(2), small(), options(3));
    loader.seek({3, 0});
    CHECK(loader.next().count == 0);
}

TEST_CASE("a few views are shown again and again, and known ones are not loaded") {
    LoaderOptions viewed = options(2);
    viewed.epochs = 6;
    viewed.views.count = 2;
    viewed.views.first = 1;
    // Pixels by entry, of each epoch.
    const auto epochs = [](Loader& loader, std::int64_t first) {
        std::vector<std::vector<std::string>> all;
        loader.seek({first, 0});
        for (BatchView batch = loader.next(); batch.count > 0; batch = loader.next()) {
            if (batch.position.batch == 0) all.emplace_back(23);
            const std::size_t bytes = small().row_bytes();
            for (std::size_t i = 0; i < batch.entries.size(); ++i)
                all.back()[static_cast<std::size_t>(batch.entries[i])].assign(
                    reinterpret_cast<const char*>(batch.pixels) + i * bytes, bytes);
        }
        return all;
    };
    Loader loader(pictures(23), small(), viewed);
    const auto shown = epochs(loader, 1);
    REQUIRE(shown.size() == 5);
    CHECK(shown[0] != shown[1]);
    CHECK(shown[2] == shown[0]);
    CHECK(shown[3] == shown[1]);
    Loader exact(pictures(23), small(), options(2));
    CHECK(epochs(exact, 1)[0] == shown[0]);

    std::atomic<int> asked = 0;
    std::atomic<int> unasked_for = 0;
    viewed.views.is_known = [&](std::int64_t entry, std::int64_t view) {
        ++asked;
        unasked_for += view < 0 || view > 1 || entry < 0 || entry > 22 ? 1 : 0;
        return view == 1;
    };
    std::vector<Sample> broken = pictures(23);
    for (Sample& sample : broken) sample.source = std::make_shared<const Bytes>(Bytes{'n', 'o'});
    Loader skipping(broken, small(), viewed);
    skipping.seek({1, 0});
    CHECK_THROWS_AS(skipping.next().rethrow_failure(), BadInput);
    skipping.seek({2, 0});
    skipping.next().rethrow_failure();
    CHECK(asked > 0);
    CHECK(unasked_for == 0);
}
