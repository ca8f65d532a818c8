#pragma once

#include <array>
#include <cstdint>

namespace cv {
class Mat;
}

namespace georgia {

/// Bit 8 u + v is 1 where the cosine coefficient of row frequency u and column frequency v is
/// positive; bit 0, the mean, is left 0.
std::uint64_t perceptual_hash(const cv::Mat& gray);

/// The hashes of the eight orientations of a picture from that of one of them.
std::array<std::uint64_t, 8> oriented_hashes(std::uint64_t hash);

}  // namespace georgia
