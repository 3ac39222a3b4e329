// SHA-256 with the SHA instructions of x86, for one stream and for two.

#include "kernels.h"

#if CRESTIC_X86

#include <immintrin.h>

#include "sha256_constants.h"
#include "x86.h"

#define SHA TARGET("sha,sse4.1,ssse3")
#define INLINE static inline __attribute__((always_inline))

/// A state in the order that the instructions want, abef and cdgh, and the last 16 words of the message schedule.
typedef struct {
    __m128i half[2], w[4];
} lanes;

INLINE SHA void load_state(lanes *s, const uint32_t state[8]) {
    __m128i abcd = _mm_shuffle_epi32(_mm_loadu_si128((const __m128i *)state), 0xB1);
    __m128i efgh = _mm_shuffle_epi32(_mm_loadu_si128((const __m128i *)(state + 4)), 0x1B);
    s->half[0] = _mm_alignr_epi8(abcd, efgh, 8);
    s->half[1] = _mm_blend_epi16(efgh, abcd, 0xF0);
}

INLINE SHA void store_state(const lanes *s, uint32_t state[8]) {
    __m128i feba = _mm_shuffle_epi32(s->half[0], 0x1B), dchg = _mm_shuffle_epi32(s->half[1], 0xB1);
    _mm_storeu_si128((__m128i *)state, _mm_blend_epi16(feba, dchg, 0xF0));
    _mm_storeu_si128((__m128i *)(state + 4), _mm_alignr_epi8(dchg, feba, 8));
}

/// Four rounds; `i` counts them from 0 to 15 and is known to the compiler.
INLINE SHA void four_rounds(lanes *s, const uint8_t *in, int i) {
    if (i < 4) {
        const __m128i swap = _mm_set_epi64x(0x0c0d0e0f08090a0b, 0x0405060700010203);
        s->w[i] = _mm_shuffle_epi8(_mm_loadu_si128((const __m128i *)in + i), swap);
    } else {
        __m128i last = s->w[(i + 3) & 3], middle = _mm_alignr_epi8(last, s->w[(i + 2) & 3], 4);
        __m128i next = _mm_add_epi32(_mm_sha256msg1_epu32(s->w[i & 3], s->w[(i + 1) & 3]), middle);
        s->w[i & 3] = _mm_sha256msg2_epu32(next, last);
    }
    __m128i sum = _mm_add_epi32(
        s->w[i & 3], _mm_loadu_si128((const __m128i *)(crestic_sha256_constants + 4 * i)));
    s->half[1] = _mm_sha256rnds2_epu32(s->half[1], s->half[0], sum);
    s->half[0] = _mm_sha256rnds2_epu32(s->half[0], s->half[1], _mm_shuffle_epi32(sum, 0x0E));
}

#define VECTOR __m128i
#define ADD _mm_add_epi32
#define ONE crestic_sha256_blocks_ni
#define TWO crestic_sha256_two_ni
#include "sha256_streams.h"

#endif
