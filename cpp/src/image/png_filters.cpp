#include "image/png_filters.h"

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <emmintrin.h>

namespace georgia {
namespace {

std::uint8_t paeth(int left, int up, int corner) {
    const int to_left = std::abs(up - corner);
    const int to_up = std::abs(left - corner);
    const int to_corner = std::abs(left + up - 2 * corner);
    if (to_left <= to_up && to_left <= to_corner) return static_cast<std::uint8_t>(left);
    return static_cast<std::uint8_t>(to_up <= to_corner ? up : corner);
}

void add_left(std::uint8_t* row, std::size_t size, std::size_t step) {
    for (std::size_t i = step; i < size; ++i)
        row[i] = static_cast<std::uint8_t>(row[i] + row[i - step]);
}

void add_above(std::uint8_t* row, const std::uint8_t* above, std::size_t size) {
    for (std::size_t i = 0; i < size; ++i) row[i] = static_cast<std::uint8_t>(row[i] + above[i]);
}

void add_average(std::uint8_t* row, const std::uint8_t* above, std::size_t size, std::size_t step) {
    const std::size_t first = std::min(step, size);
    for (std::size_t i = 0; i < first; ++i)
        row[i] = static_cast<std::uint8_t>(row[i] + above[i] / 2);
    for (std::size_t i = first; i < size; ++i)
        row[i] = static_cast<std::uint8_t>(row[i] + (row[i - step] + above[i]) / 2);
}

void add_paeth(std::uint8_t* row, const std::uint8_t* above, std::size_t size, std::size_t step) {
    const std::size_t first = std::min(step, size);
    for (std::size_t i = 0; i < first; ++i) row[i] = static_cast<std::uint8_t>(row[i] + above[i]);
    for (std::size_t i = first; i < size; ++i)
        row[i] =
            static_cast<std::uint8_t>(row[i] + paeth(row[i - step], above[i], above[i - step]));
}

__m128i load_pixel(const std::uint8_t* bytes) {
    int word = 0;
    std::memcpy(&word, bytes, 4);
    return _mm_unpacklo_epi8(_mm_cvtsi32_si128(word), _mm_setzero_si128());
}

__m128i magnitude(__m128i value) {
    return _mm_max_epi16(value, _mm_sub_epi16(_mm_setzero_si128(), value));
}

__m128i choose(__m128i mask, __m128i yes, __m128i no) {
    return _mm_or_si128(_mm_and_si128(mask, yes), _mm_andnot_si128(mask, no));
}

/// The same for pixels of 3 or 4 bytes, whose channels are worked on at once in 16-bit lanes.
template <std::size_t kStep>
void add_paeth_by_pixel(std::uint8_t* row, const std::uint8_t* above, std::size_t size) {
    const __m128i low_byte = _mm_set1_epi16(255);
    __m128i left = _mm_setzero_si128();
    __m128i corner = _mm_setzero_si128();
    for (std::size_t i = 0; i < size; i += kStep) {
        const __m128i up = load_pixel(above + i);
        const __m128i toward_left = _mm_sub_epi16(up, corner);
        const __m128i toward_up = _mm_sub_epi16(left, corner);
        const __m128i to_corner = magnitude(_mm_add_epi16(toward_left, toward_up));
        const __m128i to_left = magnitude(toward_left);
        const __m128i to_up = magnitude(toward_up);
        const __m128i least = _mm_min_epi16(to_corner, _mm_min_epi16(to_left, to_up));
        const __m128i nearest = choose(
            _mm_cmpeq_epi16(least, to_left),
            left,
            choose(_mm_cmpeq_epi16(least, to_up), up, corner));
        corner = up;
        left = _mm_and_si128(_mm_add_epi16(load_pixel(row + i), nearest), low_byte);
        const int word = _mm_cvtsi128_si32(_mm_packus_epi16(left, left));
        std::memcpy(row + i, &word, kStep);
    }
}

/// Each pixel plus all before it among 16 bytes, by doubling strides.
template <int kStep, int kStride = kStep>
__m128i running_sum(__m128i bytes) {
    if constexpr (kStride >= 16)
        return bytes;
    else
        return running_sum<kStep, 2 * kStride>(_mm_add_epi8(bytes, _mm_slli_si128(bytes, kStride)));
}

/// add_left for pixels of 1, 3 or 4 bytes, of which as many as fit into 16 are added at once.
template <int kStep>
void add_left_by_block(std::uint8_t* row, std::size_t size) {
    constexpr int kBlock = 16 / kStep * kStep;
    const auto load = [](const std::uint8_t* bytes) {
        return _mm_loadu_si128(reinterpret_cast<const __m128i*>(bytes));
    };
    const __m128i all = _mm_set1_epi8(-1);
    const __m128i is_pixel = _mm_srli_si128(all, 16 - kStep);
    const __m128i is_block = _mm_srli_si128(all, 16 - kBlock);
    std::size_t i = 0;
    if (size >= 16) {
        __m128i left = _mm_setzero_si128();
        __m128i block = load(row);
        while (true) {
            const std::size_t next = i + kBlock;
            const bool is_last = next + 16 > size;
            // Read before this block is written, which reaches a byte into it.
            const __m128i following = is_last ? block : load(row + next);
            const __m128i sum = running_sum<kStep>(_mm_add_epi8(block, left));
            _mm_storeu_si128(reinterpret_cast<__m128i*>(row + i), choose(is_block, sum, block));
            left = _mm_and_si128(_mm_srli_si128(sum, kBlock - kStep), is_pixel);
            block = following;
            i = next;
            if (is_last) break;
        }
    }
    for (i = std::max<std::size_t>(i, kStep); i < size; ++i)
        row[i] = static_cast<std::uint8_t>(row[i] + row[i - kStep]);
}

}  // namespace

bool unfilter(
    int filter, std::uint8_t* row, const std::uint8_t* above, std::size_t size, std::size_t step) {
    enum { kNone, kSub, kUp, kAverage, kPaeth };
    if (filter == kNone) return true;
    if (filter == kSub) {
        if (step == 1)
            add_left_by_block<1>(row, size);
        else if (step == 3)
            add_left_by_block<3>(row, size);
        else if (step == 4)
            add_left_by_block<4>(row, size);
        else
            add_left(row, size, step);
    }
    if (filter == kUp) add_above(row, above, size);
    if (filter == kAverage) add_average(row, above, size, step);
    if (filter == kPaeth) {
        if (step == 3)
            add_paeth_by_pixel<3>(row, above, size);
        else if (step == 4)
            add_paeth_by_pixel<4>(row, above, size);
        else
            add_paeth(row, above, size, step);
    }
    return filter <= kPaeth;
}

}  // namespace georgia
