#include "georgia/engine/device_augment.h"

#include <ATen/ATen.h>
#include <numeric>
#include <optional>
#include <vector>

#include "georgia/base/error.h"
#include "georgia/data/batch.h"

#include "catch.h"
#include "image/picture.h"

using namespace georgia;

namespace {

std::vector<Sample> pictures(int channels) {
    std::vector<Sample> samples;
    for (int i = 0; i < 6; ++i) {
        // One is large enough that blocks are averaged first.
        auto image =
            std::make_shared<Image>(picture(40 + (i == 5 ? 90 : i), i == 5 ? 131 : 47, channels));
        samples.push_back({std::shared_ptr<const Image>(std::move(image)), i % 2});
    }
    return samples;
}

Preprocess frame(std::int64_t channels) {
    Preprocess preprocess;
    preprocess.height = 32;
    preprocess.width = 36;
    preprocess.channels = channels;
    preprocess.mean.assign(static_cast<std::size_t>(channels), 0.4);
    preprocess.deviation.assign(static_cast<std::size_t>(channels), 0.2);
    return preprocess;
}

std::vector<std::int64_t> all_of(const std::vector<Sample>& samples) {
    std::vector<std::int64_t> numbers(samples.size());
    std::iota(numbers.begin(), numbers.end(), std::int64_t{0});
    return numbers;
}

std::vector<Augmentation> draws(const AugmentOptions& options, std::size_t count) {
    std::vector<Augmentation> drawn;
    for (std::size_t i = 0; i < count; ++i)
        drawn.push_back(augmentation_of(options, 7, 1, static_cast<std::int64_t>(i)));
    return drawn;
}

/// What the loader gives: (N, C, H, W) float32 in levels.
at::Tensor from_loader(
    const std::vector<Sample>& samples,
    const Preprocess& preprocess,
    const std::vector<Augmentation>& drawn) {
    const at::Tensor rows = at::empty(
        {static_cast<std::int64_t>(samples.size()),
         preprocess.height,
         preprocess.width,
         preprocess.channels},
        at::kByte);
    for (std::size_t i = 0; i < samples.size(); ++i)
        place(
            *std::get<std::shared_ptr<const Image>>(samples[i].source),
            preprocess,
            drawn[i],
            rows.data_ptr<std::uint8_t>() + i * preprocess.row_bytes());
    return rows.permute({0, 3, 1, 2}).to(at::kFloat);
}

std::optional<DeviceImages> loaded(
    const std::vector<Sample>& samples, const Preprocess& preprocess, std::int64_t budget) {
    Progress progress;
    return DeviceImages::load(samples, preprocess, {}, {at::kCPU, budget}, {3, "place", progress});
}

DeviceImages on_cpu(const std::vector<Sample>& samples, const Preprocess& preprocess) {
    auto images = loaded(samples, preprocess, 1 << 30);
    REQUIRE(images.has_value());
    return std::move(*images);
}

AugmentOptions places_alone() {
    AugmentOptions options;
    options.rotation = 40;
    options.shift = 0.2;
    options.shear = 10;
    options.dihedral = true;
    return options;
}

}  // namespace

TEST_CASE("a device sees images through the CPU's places") {
    for (const std::int64_t channels : {1, 3, 4})
        for (const int stored : {1, 3, 4})
            for (const Border border : {Border::kNearest, Border::kReflect, Border::kConstant})
                for (const double tilt : {0.0, 0.1}) {
                    const auto samples = pictures(stored);
                    Preprocess preprocess = frame(channels);
                    preprocess.border = border;
                    preprocess.fill = 90;
                    AugmentOptions options = places_alone();
                    options.perspective = tilt;
                    const auto drawn = draws(options, samples.size());
                    const at::Tensor expected = from_loader(samples, preprocess, drawn);
                    const at::Tensor found =
                        on_cpu(samples, preprocess).frames(all_of(samples), drawn);
                    REQUIRE(found.sizes() == expected.sizes());
                    const at::Tensor apart = (found - expected).abs();
                    CAPTURE(channels, stored, name_of(border), tilt);
                    CHECK(apart.mean().item<double>() < (tilt > 0 ? 1.0 : 0.1));
                    // OpenCV, which does perspective, looks in 1 / 32 of a pixel.
                    CHECK(apart.max().item<double>() <= (tilt > 0 ? 9 : 2));
                }
}

TEST_CASE("a device changes values as the CPU does") {
    const auto samples = pictures(3);
    const Preprocess preprocess = frame(3);
    AugmentOptions options = AugmentOptions::none();
    options.brightness = 0.2;
    options.contrast = 0.3;
    options.gamma = 0.4;
    options.blur = 1.5;
    options.erase = 0.3;
    const auto drawn = draws(options, samples.size());
    const at::Tensor expected = from_loader(samples, preprocess, drawn);
    const at::Tensor found = on_cpu(samples, preprocess).frames(all_of(samples), drawn);
    const at::Tensor apart = (found - expected).abs();
    CHECK(apart.mean().item<double>() < 0.3);
    CHECK(apart.max().item<double>() <= 3);
}

TEST_CASE("a device's noise has its deviation, is of the image's seed, and leaves alpha alone") {
    const auto samples = pictures(4);
    const Preprocess preprocess = frame(4);
    AugmentOptions options = AugmentOptions::none();
    options.noise = 0.04;
    options.probability.noise = 1;
    const auto drawn = draws(options, samples.size());
    const auto still = draws(AugmentOptions::none(), samples.size());
    const DeviceImages images = on_cpu(samples, preprocess);
    const auto numbers = all_of(samples);
    const at::Tensor noisy = images.frames(numbers, drawn);
    const at::Tensor difference = noisy - images.frames(numbers, still);
    CHECK(difference.slice(1, 3, 4).abs().max().item<double>() == 0);
    const at::Tensor colours = difference.slice(1, 0, 3);
    CHECK(colours.mean().item<double>() == Approx(0).margin(0.5));
    CHECK(colours.std().item<double>() == Approx(0.04 * 255).epsilon(0.1));  // ends are clipped
    CHECK(at::equal(noisy, images.frames(numbers, drawn)));
    // An image's noise is its own, whatever is beside it.
    const std::vector<std::int64_t> one{numbers[2]};
    const at::Tensor alone = images.frames(one, std::vector{drawn[2]});
    CHECK(at::equal(alone[0], noisy[2]));
    CHECK_FALSE(at::equal(images.frames(one, std::vector{drawn[3]})[0], noisy[2]));
}

TEST_CASE("a device's batch is normalised as the loader's") {
    const auto samples = pictures(3);
    for (const ChannelOrder order : {ChannelOrder::kRgb, ChannelOrder::kBgr}) {
        Preprocess preprocess = frame(3);
        preprocess.mean = {0.1, 0.2, 0.3};
        preprocess.deviation = {0.3, 0.2, 0.1};
        preprocess.order = order;
        LoaderOptions loading;
        loading.batch = 6;
        loading.threads = 0;
        Loader loader(samples, preprocess, loading);
        const at::Tensor expected = normalised(loader.next(), preprocess, at::kFloat, at::kCPU);
        const auto drawn = draws(AugmentOptions::none(), samples.size());
        const at::Tensor found =
            on_cpu(samples, preprocess).batch(all_of(samples), drawn, at::kFloat);
        CHECK(found.is_contiguous(at::MemoryFormat::ChannelsLast));
        // Two levels, as normalised.
        CHECK((found - expected).abs().max().item<double>() < 2.0 / 255 / 0.1 + 1e-4);
        CHECK((found - expected).abs().mean().item<double>() < 0.01);
    }
}

TEST_CASE("images that are too many for the device stay where they are") {
    const auto samples = pictures(3);
    CHECK_FALSE(loaded(samples, frame(3), 1000).has_value());
    const std::vector<Sample> absent{{std::string("/nowhere/at/all.png"), 0}};
    CHECK_THROWS_AS(loaded(absent, frame(3), 1 << 30), IoError);
}

TEST_CASE("images on a device serve a frame of another size") {
    const auto samples = pictures(3);
    Preprocess small = frame(3);
    small.height = 20;
    const auto drawn = draws(places_alone(), samples.size());
    const DeviceImages images = on_cpu(samples, frame(3)).seen_through(small);
    const at::Tensor expected = on_cpu(samples, small).frames(all_of(samples), drawn);
    CHECK(at::equal(images.frames(all_of(samples), drawn), expected));
}
