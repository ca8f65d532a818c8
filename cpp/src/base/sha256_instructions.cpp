#include "base/sha256_instructions.h"

#include <cpuid.h>
#include <immintrin.h>

namespace georgia {
namespace {

__m128i load(const void* from) {
    return _mm_loadu_si128(static_cast<const __m128i*>(from));
}

}  // namespace

bool has_sha256_instructions() {
    unsigned a = 0;
    unsigned b = 0;
    unsigned c = 0;
    unsigned d = 0;
    if (__get_cpuid(1, &a, &b, &c, &d) == 0 || (c & bit_SSE4_1) == 0) return false;
    return __get_cpuid_count(7, 0, &a, &b, &c, &d) != 0 && (b & bit_SHA) != 0;
}

// The instructions keep the state as two registers, (a, b, e, f) and (c, d, g, h), and do two
// rounds each (Intel, "Intel SHA Extensions", 2013).
__attribute__((target("sha,sse4.1"))) void absorb_by_instructions(
    std::array<std::uint32_t, 8>& state, const std::uint8_t* blocks, std::size_t count) {
    const __m128i swap = _mm_set_epi64x(0x0c0d0e0f08090a0b, 0x0405060700010203);
    const __m128i badc = _mm_shuffle_epi32(load(&state[0]), 0xB1);
    const __m128i hgfe = _mm_shuffle_epi32(load(&state[4]), 0x1B);
    __m128i abef = _mm_alignr_epi8(badc, hgfe, 8);
    __m128i cdgh = _mm_blend_epi16(hgfe, badc, 0xF0);
    for (; count > 0; --count, blocks += 64) {
        const __m128i abef_before = abef;
        const __m128i cdgh_before = cdgh;
        __m128i words[4];  // the last 16 words of the message schedule
        for (std::size_t i = 0; i < 16; ++i) {
            __m128i& next = words[i % 4];
            if (i < 4) {
                next = _mm_shuffle_epi8(load(blocks + 16 * i), swap);
            } else {
                const __m128i& last = words[(i + 3) % 4];
                next = _mm_sha256msg1_epu32(next, words[(i + 1) % 4]);
                next = _mm_add_epi32(next, _mm_alignr_epi8(last, words[(i + 2) % 4], 4));
                next = _mm_sha256msg2_epu32(next, last);
            }
            const __m128i sum = _mm_add_epi32(next, load(&kSha256Round[4 * i]));
            cdgh = _mm_sha256rnds2_epu32(cdgh, abef, sum);
            abef = _mm_sha256rnds2_epu32(abef, cdgh, _mm_shuffle_epi32(sum, 0x0E));
        }
        abef = _mm_add_epi32(abef, abef_before);
        cdgh = _mm_add_epi32(cdgh, cdgh_before);
    }
    const __m128i feba = _mm_shuffle_epi32(abef, 0x1B);
    const __m128i dchg = _mm_shuffle_epi32(cdgh, 0xB1);
    _mm_storeu_si128(reinterpret_cast<__m128i*>(&state[0]), _mm_blend_epi16(feba, dchg, 0xF0));
    _mm_storeu_si128(reinterpret_cast<__m128i*>(&state[4]), _mm_alignr_epi8(dchg, feba, 8));
}

}  // namespace georgia
