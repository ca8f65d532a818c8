#include "georgia/image/fingerprint.h"

#include <algorithm>
#include <set>

#include "catch.h"
#include "image/orientation.h"
#include "image/perceptual.h"
#include "image/picture.h"

using namespace georgia;

TEST_CASE("the eight orientations of a picture have one hash and one perceptual distance of 0") {
    for (const int channels : {1, 3, 4}) {
        const Image image = picture(37, 53, channels);
        const Fingerprint first = fingerprint(image);
        std::set<int> turns;
        for (int turn = 0; turn < kTurns; ++turn) {
            const Fingerprint other = fingerprint(turned(image, turn));
            CHECK(other.pixel_hash == first.pixel_hash);
            CHECK(other.mean == Approx(first.mean));
            turns.insert(other.turn);
        }
        CHECK(turns.size() == 8);  // each is told from the others
    }
}

TEST_CASE("another picture, or the same pixels in another shape, has another hash") {
    const Image image = picture(12, 20, 1);
    Image changed = image;
    changed.pixels[17] ^= 1;
    CHECK(fingerprint(changed).pixel_hash != fingerprint(image).pixel_hash);
    Image reshaped(24, 10, 1);
    reshaped.pixels = image.pixels;
    CHECK(fingerprint(reshaped).pixel_hash != fingerprint(image).pixel_hash);
}

TEST_CASE("channels that cannot be seen change nothing") {
    const Image gray = picture(9, 11, 1);
    Image colour(9, 11, 3);
    Image opaque(9, 11, 4);
    for (std::size_t i = 0; i < gray.pixels.size(); ++i) {
        for (std::size_t c = 0; c < 3; ++c) {
            colour.pixels[3 * i + c] = gray.pixels[i];
            opaque.pixels[4 * i + c] = gray.pixels[i];
        }
        opaque.pixels[4 * i + 3] = 255;
    }
    const std::string hash = fingerprint(gray).pixel_hash;
    CHECK(fingerprint(colour).pixel_hash == hash);
    CHECK(fingerprint(opaque).pixel_hash == hash);
    opaque.pixels[3] = 254;
    CHECK(fingerprint(opaque).pixel_hash != hash);
}

TEST_CASE("mean and entropy are those of the gray histogram") {
    Image image(4, 4, 1);
    for (std::size_t i = 0; i < 16; ++i) image.pixels[i] = i < 8 ? 10 : 30;
    CHECK(fingerprint(image).mean == Approx(20));
    CHECK(fingerprint(image).entropy == Approx(1));
    for (std::size_t i = 0; i < 16; ++i) image.pixels[i] = static_cast<std::uint8_t>(i);
    CHECK(fingerprint(image).entropy == Approx(4));
}

TEST_CASE("edges see what middles do not") {
    Image image(64, 64, 1);
    for (std::size_t i = 0; i < image.pixels.size(); ++i)
        image.pixels[i] = i < 64 * 4 ? 200 : 0;  // the top sixteenth
    const Fingerprint print = fingerprint(image);
    CHECK(print.edges[0] == Approx(200));
    CHECK(print.edges[2] == Approx(0));
    CHECK(print.middles[0] == Approx(0));
}

TEST_CASE("perceptual hashes of turned pictures follow from one another") {
    const std::uint64_t hash = 0x0123456789ABCDEE;
    const auto hashes = oriented_hashes(hash);
    CHECK(std::set(hashes.begin(), hashes.end()).size() == 8);
    for (const std::uint64_t other : hashes) {
        const auto again = oriented_hashes(other);
        CHECK(std::set(again.begin(), again.end()) == std::set(hashes.begin(), hashes.end()));
        CHECK(perceptual_distance(hash, other) == 0);
    }
    CHECK(perceptual_distance(hash, hash ^ 0x10) == 1);
}

TEST_CASE("near pairs are those a comparison of all with all finds") {
    std::vector<std::uint64_t> hashes;
    std::uint64_t state = 1;
    for (int i = 0; i < 60; ++i) {
        state = state * 6364136223846793005 + 1442695040888963407;
        const std::uint64_t hash = oriented_hashes(state)[static_cast<std::size_t>(i % 8)];
        hashes.push_back(hash);
        for (int bits = 0; bits < i % 12; ++bits) state ^= std::uint64_t{1} << (5 * bits + i % 5);
        hashes.push_back(i % 3 == 0 ? state : state * 31);
    }
    for (const int limit : {0, 3, 6, 11}) {
        std::vector<std::pair<std::int64_t, std::int64_t>> expected;
        for (std::size_t i = 0; i < hashes.size(); ++i)
            for (std::size_t j = i + 1; j < hashes.size(); ++j)
                if (perceptual_distance(hashes[i], hashes[j]) <= limit) expected.emplace_back(i, j);
        CHECK_FALSE(expected.empty());
        CHECK(near_pairs(hashes, limit) == expected);
        const auto joining = near_pairs(hashes, limit, true);
        CHECK(std::ranges::includes(expected, joining));
        std::vector<std::size_t> sets(hashes.size());  // the same sets from all pairs and from few
        const auto labelled = [&](const auto& pairs) {
            for (std::size_t i = 0; i < sets.size(); ++i) sets[i] = i;
            for (std::size_t again = 0; again < sets.size(); ++again)
                for (const auto& [i, j] : pairs)
                    sets[static_cast<std::size_t>(i)] = sets[static_cast<std::size_t>(j)] =
                        std::min(
                            sets[static_cast<std::size_t>(i)], sets[static_cast<std::size_t>(j)]);
            return sets;
        };
        CHECK(labelled(joining) == labelled(expected));
    }
}
