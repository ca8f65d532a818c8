#include "image/noise.h"

#include <algorithm>
#include <cmath>
#include <vector>

#include "georgia/base/sha256.h"

#include "catch.h"
#include "image/answers.h"

using namespace georgia;

namespace {

constexpr RandomKey kKey{3, 0, 0, Purpose::kNoise};

std::vector<std::uint8_t> noisy(std::size_t count, double deviation, const RandomKey& key = kKey) {
    std::vector<std::uint8_t> values(count, 128);
    add_noise(values, deviation, key);
    return values;
}

Image noisy_image() {
    Image image(12, 10, 3);
    std::ranges::fill(image.pixels, std::uint8_t{128});
    add_noise(image.pixels, 12.5, kKey);
    return image;
}

/// Of values less 128, to a power.
double moment(const std::vector<std::uint8_t>& values, int power) {
    double sum = 0;
    for (const std::uint8_t value : values) sum += std::pow(value - 128.0, power);
    return sum / static_cast<double>(values.size());
}

/// Mean product of values a distance apart, in variances.
double correlation(const std::vector<std::uint8_t>& values, std::size_t distance) {
    double sum = 0;
    for (std::size_t i = distance; i < values.size(); ++i)
        sum += (values[i] - 128.0) * (values[i - distance] - 128.0);
    return sum / static_cast<double>(values.size() - distance) / moment(values, 2);
}

}  // namespace

TEST_CASE("noise has the mean, deviation and shape of the normal distribution") {
    // All bounds are five standard errors of n values; rounding to levels adds 1/12 of variance.
    constexpr std::size_t kCount = 300'000;
    const double error = 5 / std::sqrt(static_cast<double>(kCount));
    for (const double deviation : {2.0, 10.0, 25.0}) {
        INFO(deviation);
        const auto values = noisy(kCount, deviation);
        const double variance = deviation * deviation + 1.0 / 12;
        CHECK(std::abs(moment(values, 1)) < error * deviation);
        CHECK(std::abs(moment(values, 2) / variance - 1) < error * std::sqrt(2));
        CHECK(std::abs(moment(values, 3) / std::pow(variance, 1.5)) < error * std::sqrt(15));
        // 0.02 is what the table lacks.
        CHECK(
            std::abs(moment(values, 4) / (variance * variance) - 3) < error * std::sqrt(96) + 0.02);
    }
    const auto values = noisy(kCount, 20);
    const std::vector<double> shares{0.3173, 0.0455, 0.0027};  // beyond 1, 2 and 3 deviations
    for (std::size_t i = 0; i < shares.size(); ++i) {
        const double edge = 20 * static_cast<double>(i + 1);
        double count = 0;  // a value on the edge is half inside
        for (const std::uint8_t value : values) {
            const double distance = std::abs(value - 128.0);
            count += distance > edge ? 1 : distance == edge ? 0.5 : 0;
        }
        CHECK(std::abs(count / kCount - shares[i]) < error * std::sqrt(shares[i]));
    }
}

TEST_CASE("noise of one value tells nothing of another, nor of another key") {
    constexpr std::size_t kCount = 200'000;
    const double error = 5 / std::sqrt(static_cast<double>(kCount));
    const auto values = noisy(kCount, 15);
    for (const std::size_t distance : {1U, 2U, 3U, 4U, 8U, 672U, 1024U, 2048U})
        CHECK(std::abs(correlation(values, distance)) < error);
    const auto others = noisy(kCount, 15, {4, 0, 0, Purpose::kNoise});
    double sum = 0;
    for (std::size_t i = 0; i < kCount; ++i) sum += (values[i] - 128.0) * (others[i] - 128.0);
    CHECK(std::abs(sum / kCount / 225) < error);
}

TEST_CASE("equal keys give equal noise on every machine") {
    const auto values = noisy(100'000, 12.5);
    CHECK(values == noisy(100'000, 12.5));
    CHECK(sha256_hex(values) == "26554b35e5f4fce493d3c27e5080b72f8e56acd5024aca82ed360ac716ebc5b9");
    CHECK(distance_to("noise", noisy_image()) == 0);
    const auto fewer = noisy(777, 12.5);  // a value's noise does not depend on how many follow
    CHECK(std::equal(fewer.begin(), fewer.end(), values.begin()));
}

TEST_CASE("noise saturates") {
    std::vector<std::uint8_t> values(1000, 250);
    add_noise(values, 255, kKey);
    CHECK(std::count(values.begin(), values.end(), 255) > 400);
    CHECK(std::count(values.begin(), values.end(), 0) > 100);
}
