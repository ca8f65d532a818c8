#include "georgia/image/normalise.h"

#include <bit>
#include <cmath>
#include <utility>
#include <vector>

#include "catch.h"
#include "image/normalise_builds.h"

using namespace georgia;

namespace {

Preprocess with_channels(std::int64_t channels) {
    Preprocess preprocess;
    preprocess.channels = channels;
    preprocess.mean = {0.485, 0.456, 0.406, 0.5};
    preprocess.deviation = {0.229, 0.224, 0.225, 0.25};
    preprocess.mean.resize(static_cast<std::size_t>(channels));
    preprocess.deviation.resize(static_cast<std::size_t>(channels));
    return preprocess;
}

/// Every byte in every channel, and a rest that fills no vector.
std::vector<std::uint8_t> all_bytes(std::int64_t channels) {
    std::vector<std::uint8_t> bytes;
    for (int i = 0; i < 259; ++i)
        for (std::int64_t c = 0; c < channels; ++c)
            bytes.push_back(static_cast<std::uint8_t>(i + 85 * c));
    return bytes;
}

}  // namespace

TEST_CASE("every byte becomes its formula, rounded once") {
    for (const std::int64_t channels : {1, 3, 4})
        for (const ChannelOrder order : {ChannelOrder::kRgb, ChannelOrder::kBgr}) {
            Preprocess preprocess = with_channels(channels);
            preprocess.order = order;
            preprocess.mean[0] = GENERATE(0.485, 102.0 / 255);  // a byte may become nothing
            const std::vector<std::uint8_t> bytes = all_bytes(channels);
            std::vector<float> values(bytes.size());
            normalise(bytes, preprocess, values);
            const auto count = static_cast<std::size_t>(channels);
            for (std::size_t i = 0; i < bytes.size(); ++i) {
                const std::size_t c = i % count;
                std::size_t place = c;
                if (order == ChannelOrder::kBgr && channels >= 3 && c < 3) place = 2 - c;
                const double formula =
                    (bytes[i] / 255.0 - preprocess.mean[c]) / preprocess.deviation[c];
                // Half a unit in float32's last place, and what float64 leaves where it is 0.
                REQUIRE(
                    std::abs(values[i - c + place] - formula) <=
                    std::ldexp(std::abs(formula), -24) + 1e-15);
            }
        }
}

TEST_CASE("bfloat16 is the nearest one") {
    const Preprocess preprocess = with_channels(3);
    const std::vector<std::uint8_t> bytes = all_bytes(3);
    std::vector<float> values(bytes.size());
    std::vector<std::uint16_t> halves(bytes.size());
    normalise(bytes, preprocess, values);
    normalise(bytes, preprocess, halves);
    for (std::size_t i = 0; i < bytes.size(); ++i) {
        const auto widened = [](std::uint32_t half) { return std::bit_cast<float>(half << 16); };
        const float apart = std::abs(widened(halves[i]) - values[i]);
        REQUIRE(apart <= std::abs(widened(halves[i] + 1U) - values[i]));
        REQUIRE(apart <= std::abs(widened(halves[i] - 1U) - values[i]));
    }
}

TEST_CASE("every build of the normalisation gives the same") {
    const Preprocess preprocess = with_channels(3);
    const std::vector<std::uint8_t> bytes = all_bytes(3);
    std::vector<float> expected(bytes.size());
    std::vector<std::uint16_t> halves(bytes.size());
    normalise(bytes, preprocess, expected);
    normalise(bytes, preprocess, halves);
    for (const auto& build : normalise_builds<float>()) {
        CAPTURE(build.name);
        std::vector<float> values(bytes.size());
        build.run(bytes, preprocess, values.data());
        CHECK(values == expected);
    }
    for (const auto& build : normalise_builds<std::uint16_t>()) {
        CAPTURE(build.name);
        std::vector<std::uint16_t> values(bytes.size());
        build.run(bytes, preprocess, values.data());
        CHECK(values == halves);
    }
}

TEST_CASE("a value half way between two of bfloat16 becomes the even one") {
    // Of 8 bits bfloat16 keeps all: a byte from 128 on may get half a unit more.
    const auto half_of = [](std::uint8_t byte, double factor) {
        Preprocess preprocess = with_channels(1);
        preprocess.mean = {0};
        preprocess.deviation = {1 / (255 * factor)};
        std::vector<std::uint16_t> half(1);
        normalise(std::vector{byte}, preprocess, half);
        return std::bit_cast<float>(static_cast<std::uint32_t>(half[0]) << 16);
    };
    CHECK(half_of(128, 257.0 / 256) == 128);  // 128.5
    CHECK(half_of(192, 258.0 / 256) == 194);  // 193.5
    CHECK(half_of(192, 257.0 / 256) == 193);  // 192.75
}
