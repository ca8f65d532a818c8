#include "georgia/image/normalise.h"

#include <bit>
#include <cmath>
#include <utility>
#include <vector>

#include "catch.h"

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
            const std::vector<std::uint8_t> bytes = all_bytes(channels);
            std::vector<float> values(bytes.size());
            normalise(bytes, preprocess, values.data());
            const auto count = static_cast<std::size_t>(channels);
            for (std::size_t i = 0; i < bytes.size(); ++i) {
                const std::size_t c = i % count;
                std::size_t place = c;
                if (order == ChannelOrder::kBgr && channels >= 3 && c < 3) place = 2 - c;
                const double formula =
                    (bytes[i] / 255.0 - preprocess.mean[c]) / preprocess.deviation[c];
                REQUIRE(values[i - c + place] == static_cast<float>(formula));
            }
        }
}

TEST_CASE("bfloat16 is the nearest one") {
    const Preprocess preprocess = with_channels(3);
    const std::vector<std::uint8_t> bytes = all_bytes(3);
    std::vector<float> values(bytes.size());
    std::vector<std::uint16_t> halves(bytes.size());
    normalise(bytes, preprocess, values.data());
    normalise(bytes, preprocess, halves.data());
    for (std::size_t i = 0; i < bytes.size(); ++i) {
        const auto widened = [](std::uint32_t half) { return std::bit_cast<float>(half << 16); };
        const float apart = std::abs(widened(halves[i]) - values[i]);
        REQUIRE(apart <= std::abs(widened(halves[i] + 1U) - values[i]));
        REQUIRE(apart <= std::abs(widened(halves[i] - 1U) - values[i]));
    }
}
