#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "georgia/image/image.h"

namespace georgia {

/// What is kept of an image's pixels to compare it with others.
struct Fingerprint {
    double mean = 0;         ///< of the gray values, 0 to 255
    double entropy = 0;      ///< of their histogram, 0 to 8 bits
    std::string pixel_hash;  ///< of the pixels in canonical orientation
    int turn = 0;            ///< 0 to 7, the one that leads to the canonical orientation
    std::uint64_t perceptual = 0;
    std::array<double, 8> edges{};    ///< mean and deviation of top, bottom, left and right strip
    std::array<double, 8> middles{};  ///< the same of strips a third of a side further in
};

/// Note [Eight orientations]: a picture and its rotations and mirrorings are one picture. Of the
/// eight pixel arrays the one that comes first in lexicographic order is canonical; its hash names
/// all eight, and the turn that led to it tells a copy (same turn) from a rotated one. A channel of
/// full opacity and three equal channels are left out first, for they change nothing to see.
///
/// The perceptual hash is the signs of the 63 lowest cosine coefficients of a 32 x 32 reduction in
/// gray (as in Zauner, "Implementation and Benchmarking of Perceptual Image Hash Functions", 2010).
/// A mirroring flips the signs of odd coefficients and a transposition swaps them, so the eight
/// hashes follow from any one; the smallest is canonical.
Fingerprint fingerprint(const Image& image);

/// Bits in which two perceptual hashes differ, in the best of the eight orientations.
int perceptual_distance(std::uint64_t left, std::uint64_t right);

/// Pairs (i < j) of hashes at most that many bits apart, in order: all of them, or only so many as
/// join what belongs together (a forest, less than one pair for each hash).
std::vector<std::pair<std::int64_t, std::int64_t>> near_pairs(
    const std::vector<std::uint64_t>& hashes, int max_distance, bool only_joining = false);

}  // namespace georgia
