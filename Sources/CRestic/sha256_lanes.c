// SHA-256 of eight and sixteen streams at once. With AVX2 it is for processors without SHA instructions; with AVX-512,
// which rotates and takes any function of three words in one step, it is faster than those.

#include "kernels.h"

#if CRESTIC_X86

#include <immintrin.h>

#include "sha256_constants.h"
#include "x86.h"

#define INLINE static inline __attribute__((always_inline))
#define UNROLL _Pragma("clang loop unroll(full)")
#define AVX2 TARGET("avx2")
#define AVX512 TARGET("avx2,avx512f,avx512bw,avx512vl,avx512dq")

/// Rows become columns: eight words of each of eight streams become eight registers of one word each.
INLINE AVX2 void transpose(__m256i r[8]) {
    __m256i pair[8], four[8];
    UNROLL for (int i = 0; i < 8; i += 2) {
        pair[i] = _mm256_unpacklo_epi32(r[i], r[i + 1]);
        pair[i + 1] = _mm256_unpackhi_epi32(r[i], r[i + 1]);
    }
    UNROLL for (int i = 0; i < 8; i += 4) {
        four[i] = _mm256_unpacklo_epi64(pair[i], pair[i + 2]);
        four[i + 1] = _mm256_unpackhi_epi64(pair[i], pair[i + 2]);
        four[i + 2] = _mm256_unpacklo_epi64(pair[i + 1], pair[i + 3]);
        four[i + 3] = _mm256_unpackhi_epi64(pair[i + 1], pair[i + 3]);
    }
    UNROLL for (int i = 0; i < 4; i++) {
        r[i] = _mm256_permute2x128_si256(four[i], four[i + 4], 0x20);
        r[i + 4] = _mm256_permute2x128_si256(four[i], four[i + 4], 0x31);
    }
}

INLINE AVX2 void eight_words(__m256i w[8], const uint8_t *const in[8], size_t offset) {
    const __m256i swap = _mm256_broadcastsi128_si256(_mm_set_epi64x(0x0c0d0e0f08090a0b, 0x0405060700010203));
    UNROLL for (int i = 0; i < 8; i++)
        w[i] = _mm256_shuffle_epi8(_mm256_loadu_si256((const __m256i *)(in[i] + offset)), swap);
    transpose(w);
}

INLINE AVX2 void sixteen_words(__m256i w[16], const uint8_t *const in[8], size_t offset) {
    eight_words(w, in, offset);
    eight_words(w + 8, in, offset + 32);
}

INLINE AVX2 void load_eight(__m256i s[8], uint32_t *const state[8]) {
    UNROLL for (int i = 0; i < 8; i++) s[i] = _mm256_loadu_si256((const __m256i *)state[i]);
    transpose(s);
}

INLINE AVX2 void store_eight(__m256i s[8], uint32_t *const state[8]) {
    transpose(s);
    UNROLL for (int i = 0; i < 8; i++) _mm256_storeu_si256((__m256i *)state[i], s[i]);
}

// MARK: AVX2

#define sixteen_rounds sixteen_rounds_avx2
#define FUNCTION crestic_sha256_eight_avx2
#define LANE_TARGET AVX2
#define VECTOR __m256i
#define ADD _mm256_add_epi32
#define AND _mm256_and_si256
#define OR _mm256_or_si256
#define XOR _mm256_xor_si256
#define XOR3(a, b, c) XOR(XOR(a, b), c)
#define CHOOSE(e, f, g) XOR(g, AND(e, XOR(f, g)))
#define MAJORITY(a, b, c) OR(AND(a, b), AND(c, OR(a, b)))
#define ROTATE(x, n) OR(_mm256_srli_epi32(x, n), _mm256_slli_epi32(x, 32 - (n)))
#define SHIFT _mm256_srli_epi32
#define SET _mm256_set1_epi32
#define LOAD_WORDS sixteen_words
#define LOAD_STATE load_eight
#define STORE_STATE store_eight
#include "sha256_lanes.h"

// MARK: AVX-512

INLINE AVX512 __m512i join(__m256i low, __m256i high) {
    return _mm512_inserti64x4(_mm512_castsi256_si512(low), high, 1);
}

INLINE AVX512 void sixteen_words_of_sixteen(__m512i w[16], const uint8_t *const in[16], size_t offset) {
    UNROLL for (int half = 0; half < 2; half++) {
        __m256i low[8], high[8];
        eight_words(low, in, offset + 32 * (size_t)half);
        eight_words(high, in + 8, offset + 32 * (size_t)half);
        UNROLL for (int i = 0; i < 8; i++) w[8 * half + i] = join(low[i], high[i]);
    }
}

INLINE AVX512 void load_sixteen(__m512i s[8], uint32_t *const state[16]) {
    __m256i low[8], high[8];
    load_eight(low, state);
    load_eight(high, state + 8);
    UNROLL for (int i = 0; i < 8; i++) s[i] = join(low[i], high[i]);
}

INLINE AVX512 void store_sixteen(__m512i s[8], uint32_t *const state[16]) {
    __m256i low[8], high[8];
    UNROLL for (int i = 0; i < 8; i++) {
        low[i] = _mm512_castsi512_si256(s[i]);
        high[i] = _mm512_extracti64x4_epi64(s[i], 1);
    }
    store_eight(low, state);
    store_eight(high, state + 8);
}

#define sixteen_rounds sixteen_rounds_avx512
#define FUNCTION crestic_sha256_sixteen_avx512
#define LANE_TARGET AVX512
#define VECTOR __m512i
#define ADD _mm512_add_epi32
#define XOR3(a, b, c) _mm512_ternarylogic_epi32(a, b, c, 0x96)
#define CHOOSE(e, f, g) _mm512_ternarylogic_epi32(e, f, g, 0xca)
#define MAJORITY(a, b, c) _mm512_ternarylogic_epi32(a, b, c, 0xe8)
#define ROTATE _mm512_ror_epi32
#define SHIFT _mm512_srli_epi32
#define SET _mm512_set1_epi32
#define LOAD_WORDS sixteen_words_of_sixteen
#define LOAD_STATE load_sixteen
#define STORE_STATE store_sixteen
#include "sha256_lanes.h"

#endif
