#include "image/warp_bilinear.h"

#include <cmath>

#include "georgia/base/random.h"

#include "catch.h"

using namespace georgia;

namespace {

Image noise(int height, int width, int channels, std::uint32_t seed) {
    Image image(height, width, channels);
    RandomStream random({seed, 0, 0, Purpose::kAugment});
    for (std::uint8_t& value : image.pixels)
        value = static_cast<std::uint8_t>(random.uniform(0, 256));
    return image;
}

/// Where along an axis a neighbour lies inside, or -1 where a constant stands for it.
int inside(int at, int size, Border border) {
    if (border == Border::kNearest) return std::clamp(at, 0, size - 1);
    if (border == Border::kConstant) return at < 0 || at >= size ? -1 : at;
    const int along = ((at % (2 * size)) + 2 * size) % (2 * size);
    return along < size ? along : 2 * size - 1 - along;
}

/// One sample of the target in real numbers, straight from the definition.
double exact(const BilinearWarp& warp, int row, int column, int channel) {
    const auto& m = warp.to_source.m;
    const double x = m[0] * column + m[1] * row + m[2];
    const double y = m[3] * column + m[4] * row + m[5];
    double sum = 0;
    for (const int dy : {0, 1})
        for (const int dx : {0, 1}) {
            const double share = (dx == 1 ? x - std::floor(x) : 1 - x + std::floor(x)) *
                                 (dy == 1 ? y - std::floor(y) : 1 - y + std::floor(y));
            const int at_x =
                inside(static_cast<int>(std::floor(x)) + dx, warp.source.width, warp.border);
            const int at_y =
                inside(static_cast<int>(std::floor(y)) + dy, warp.source.height, warp.border);
            const int at = (at_y * warp.source.width + at_x) * warp.source.channels + channel;
            const bool is_outside = at_x < 0 || at_y < 0;
            sum +=
                share * (is_outside ? warp.fill : warp.source.pixels[static_cast<std::size_t>(at)]);
        }
    return sum;
}

const std::vector<Homography> kMatrices{
    {{1, 0, 0, 0, 1, 0, 0, 0, 1}},
    {{-1, 0, 22, 0, 1, 0, 0, 0, 1}},
    {{0.8, 0.3, -2.2, -0.4, 0.7, 5.1, 0, 0, 1}},
    {{0.13, 0.02, 7.7, 0.01, 0.11, 3.3, 0, 0, 1}},
    {{2.5, 1.7, -61.3, -1.9, 2.2, 70.9, 0, 0, 1}},
    {{1, 0, 0.5, 0, 1, 1e9, 0, 0, 1}},
};

}  // namespace

TEST_CASE("the bilinear warp is within a level of real numbers", "[image][warp]") {
    for (const int channels : {1, 3, 4})
        for (const Border border : {Border::kNearest, Border::kReflect, Border::kConstant})
            for (std::size_t i = 0; i < kMatrices.size(); ++i) {
                const Image source = noise(19, 23, channels, 7);
                const BilinearWarp warp{source, kMatrices[i], {21, 131}, border, 90};
                Image target(21, 131, channels);
                warp_builds().front().run(warp, target.pixels.data());
                double largest = 0;
                for (int row = 0; row < 21; ++row)
                    for (int column = 0; column < 131; ++column)
                        for (int c = 0; c < channels; ++c) {
                            const int at = (row * 131 + column) * channels + c;
                            const double found = target.pixels[static_cast<std::size_t>(at)];
                            largest =
                                std::max(largest, std::abs(found - exact(warp, row, column, c)));
                        }
                CAPTURE(channels, name_of(border), i);
                // Half a level for rounding, the rest for shares in 1 / 32768 of a pixel.
                CHECK(largest < 0.55 + (border == Border::kConstant ? 0.5 : 0));
            }
}

TEST_CASE("all builds of the warp give the same bytes", "[image][warp]") {
    const auto builds = warp_builds();
    REQUIRE(builds.back().name == "plain");
    for (const int channels : {1, 3, 4})
        for (const Border border : {Border::kNearest, Border::kReflect, Border::kConstant})
            for (const Homography& matrix : kMatrices) {
                const Image source = noise(40, 33, channels, 8);
                const BilinearWarp warp{source, matrix, {50, 70}, border, 200};
                Image expected(50, 70, channels);
                builds.back().run(warp, expected.pixels.data());
                for (const WarpBuild& build : builds) {
                    Image found(50, 70, channels);
                    build.run(warp, found.pixels.data());
                    CAPTURE(build.name, channels, name_of(border));
                    CHECK((found.pixels == expected.pixels));  // not printed
                }
            }
}

TEST_CASE("the warp touches nothing outside of its pixels", "[image][warp]") {
    constexpr std::size_t kGuard = 64;
    for (const int channels : {1, 3, 4}) {
        const Image source = noise(2, 2, channels, 9);
        const auto size = static_cast<std::size_t>(5 * 3 * channels);
        std::vector<std::uint8_t> target(size + 2 * kGuard, 77);
        for (const WarpBuild& build : warp_builds())
            build.run({source, {}, {3, 5}, Border::kReflect}, target.data() + kGuard);
        for (std::size_t i = 0; i < kGuard; ++i) {
            CHECK(target[i] == 77);
            CHECK(target[kGuard + size + i] == 77);
        }
    }
}
