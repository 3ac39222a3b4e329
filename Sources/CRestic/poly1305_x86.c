// Poly1305 with the 52-bit multipliers of AVX-512: eight sums side by side, each multiplied by r^8 and at the end by
// the power that its place asks for.

#include "kernels.h"

#if CRESTIC_X86

#include <immintrin.h>

#include "x86.h"

#define IFMA TARGET("avx512f,avx512bw,avx512vl,avx512dq,avx512ifma")
#define INLINE static inline __attribute__((always_inline))
#define BITS42 0x3ffffffffff
#define BITS44 0xfffffffffff

typedef struct {
    __m512i l0, l1, l2;
} limbs;

/// Blocks 0, 4, 1, 5, 2, 6, 3, 7 of the 128 bytes, in limbs of 44, 44 and 42 bits.
INLINE IFMA limbs eight_blocks(const uint8_t *in) {
    __m512i front = _mm512_loadu_si512(in), back = _mm512_loadu_si512(in + 64);
    __m512i low = _mm512_unpacklo_epi64(front, back), top = _mm512_unpackhi_epi64(front, back);
    const __m512i mask = _mm512_set1_epi64(BITS44), high = _mm512_set1_epi64(1ll << 40);
    return (limbs){
        _mm512_and_si512(low, mask),
        _mm512_and_si512(_mm512_or_si512(_mm512_srli_epi64(low, 44), _mm512_slli_epi64(top, 20)), mask),
        _mm512_or_si512(_mm512_srli_epi64(top, 24), high),
    };
}

INLINE IFMA __m512i times20(__m512i a) {
    return _mm512_add_epi64(_mm512_slli_epi64(a, 4), _mm512_slli_epi64(a, 2));
}

INLINE IFMA limbs sum(limbs a, limbs b) {
    return (limbs){
        _mm512_add_epi64(a.l0, b.l0), _mm512_add_epi64(a.l1, b.l1), _mm512_add_epi64(a.l2, b.l2)};
}

/// A factor, with the two limbs that come back from above 2^132 times 20.
typedef struct {
    limbs r;
    __m512i r1back, r2back;
} factor;

INLINE IFMA factor make_factor(limbs r) { return (factor){r, times20(r.l1), times20(r.l2)}; }

INLINE IFMA limbs product(limbs a, const factor *f) {
    const __m512i zero = _mm512_setzero_si512();
#define LOW(sum, x, y) _mm512_madd52lo_epu64(sum, x, y)
#define HIGH(sum, x, y) _mm512_madd52hi_epu64(sum, x, y)
    __m512i d0 = LOW(LOW(LOW(zero, a.l0, f->r.l0), a.l1, f->r2back), a.l2, f->r1back);
    __m512i d1 = LOW(LOW(LOW(zero, a.l0, f->r.l1), a.l1, f->r.l0), a.l2, f->r2back);
    __m512i d2 = LOW(LOW(LOW(zero, a.l0, f->r.l2), a.l1, f->r.l1), a.l2, f->r.l0);
    __m512i e0 = HIGH(HIGH(HIGH(zero, a.l0, f->r.l0), a.l1, f->r2back), a.l2, f->r1back);
    __m512i e1 = HIGH(HIGH(HIGH(zero, a.l0, f->r.l1), a.l1, f->r.l0), a.l2, f->r2back);
    __m512i e2 = HIGH(HIGH(HIGH(zero, a.l0, f->r.l2), a.l1, f->r.l1), a.l2, f->r.l0);
#undef LOW
#undef HIGH
    // Upper halves count from bit 52: 8 bits into the next limb; after the last one at 2^140, which is 5 * 2^10.
    d0 = _mm512_add_epi64(d0, _mm512_add_epi64(_mm512_slli_epi64(e2, 12), _mm512_slli_epi64(e2, 10)));
    d1 = _mm512_add_epi64(d1, _mm512_slli_epi64(e0, 8));
    d2 = _mm512_add_epi64(d2, _mm512_slli_epi64(e1, 8));
    const __m512i mask44 = _mm512_set1_epi64(BITS44), mask42 = _mm512_set1_epi64(BITS42);
    d1 = _mm512_add_epi64(d1, _mm512_srli_epi64(d0, 44));
    d2 = _mm512_add_epi64(d2, _mm512_srli_epi64(d1, 44));
    __m512i carry = _mm512_srli_epi64(d2, 42);
    carry = _mm512_add_epi64(carry, _mm512_slli_epi64(carry, 2));
    return (limbs){
        _mm512_add_epi64(_mm512_and_si512(d0, mask44), carry),
        _mm512_and_si512(d1, mask44),
        _mm512_and_si512(d2, mask42),
    };
}

INLINE IFMA __m512i broadcast(uint64_t limb) { return _mm512_set1_epi64((long long)limb); }

/// Limb `i` of the powers that the eight blocks are multiplied by at the end.
INLINE IFMA __m512i last_powers(const uint64_t power[8][3], int i) {
    const uint64_t limb[8] = {
        power[7][i], power[3][i], power[6][i], power[2][i], power[5][i], power[1][i], power[4][i], power[0][i]};
    return _mm512_loadu_si512(limb);
}

static IFMA void eights(const crestic_seal_key *key, uint64_t h[3], const uint8_t *in, size_t groups) {
    limbs a = eight_blocks(in);
    // What was summed before goes with the first block.
    a.l0 = _mm512_mask_add_epi64(a.l0, 1, a.l0, broadcast(h[0]));
    a.l1 = _mm512_mask_add_epi64(a.l1, 1, a.l1, broadcast(h[1]));
    a.l2 = _mm512_mask_add_epi64(a.l2, 1, a.l2, broadcast(h[2]));
    const factor r8 = make_factor(
        (limbs){broadcast(key->power[7][0]), broadcast(key->power[7][1]), broadcast(key->power[7][2])});
    for (size_t i = 1; i < groups; i++) a = sum(product(a, &r8), eight_blocks(in + 128 * i));
    const factor last = make_factor(
        (limbs){last_powers(key->power, 0), last_powers(key->power, 1), last_powers(key->power, 2)});
    a = product(a, &last);
    uint64_t l0 = (uint64_t)_mm512_reduce_add_epi64(a.l0);
    uint64_t l1 = (uint64_t)_mm512_reduce_add_epi64(a.l1);
    uint64_t l2 = (uint64_t)_mm512_reduce_add_epi64(a.l2);
    l1 += l0 >> 44, l2 += l1 >> 44;
    l0 = (l0 & BITS44) + 5 * (l2 >> 42);
    l1 = (l1 & BITS44) + (l0 >> 44);
    h[0] = l0 & BITS44, h[1] = l1 & BITS44, h[2] = (l2 & BITS42) + (l1 >> 44);
}

void crestic_poly1305_blocks_ifma(
    const crestic_seal_key *key, uint64_t h[3], const uint8_t *in, size_t blocks) {
    size_t groups = blocks / 8;
    if (groups > 1) {
        eights(key, h, in, groups);
        in += 128 * groups, blocks -= 8 * groups;
    }
    if (blocks > 0) crestic_poly1305_blocks_wide(key, h, in, blocks);
}

#endif
