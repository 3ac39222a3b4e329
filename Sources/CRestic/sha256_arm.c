// SHA-256 with the SHA-256 instructions of 64-bit Arm, for one stream and for two, as in sha256_x86.c.

#include "kernels.h"

#if CRESTIC_ARM

#include <arm_neon.h>

#include "arm.h"
#include "sha256_constants.h"

#define SHA TARGET("neon,sha2")
#define INLINE static inline __attribute__((always_inline))

/// A state, and the last 16 words of the message schedule.
typedef struct {
    uint32x4_t abcd, efgh, w[4];
} lanes;

INLINE SHA void load_state(lanes *s, const uint32_t state[8]) {
    s->abcd = vld1q_u32(state);
    s->efgh = vld1q_u32(state + 4);
}

INLINE SHA void store_state(const lanes *s, uint32_t state[8]) {
    vst1q_u32(state, s->abcd);
    vst1q_u32(state + 4, s->efgh);
}

/// Four rounds; `i` counts them from 0 to 15 and is known to the compiler.
INLINE SHA void four_rounds(lanes *s, const uint8_t *in, int i) {
    if (i < 4)
        s->w[i] = vreinterpretq_u32_u8(vrev32q_u8(vld1q_u8(in + 16 * i)));
    else
        s->w[i & 3] = vsha256su1q_u32(
            vsha256su0q_u32(s->w[i & 3], s->w[(i + 1) & 3]), s->w[(i + 2) & 3], s->w[(i + 3) & 3]);
    uint32x4_t sum = vaddq_u32(s->w[i & 3], vld1q_u32(crestic_sha256_constants + 4 * i)), abcd = s->abcd;
    s->abcd = vsha256hq_u32(abcd, s->efgh, sum);
    s->efgh = vsha256h2q_u32(s->efgh, abcd, sum);
}

SHA void crestic_sha256_blocks_arm(uint32_t state[8], const uint8_t *in, size_t blocks) {
    lanes s;
    load_state(&s, state);
    for (; blocks > 0; blocks--, in += 64) {
        uint32x4_t abcd = s.abcd, efgh = s.efgh;
#pragma clang loop unroll(full)
        for (int i = 0; i < 16; i++) four_rounds(&s, in, i);
        s.abcd = vaddq_u32(s.abcd, abcd);
        s.efgh = vaddq_u32(s.efgh, efgh);
    }
    store_state(&s, state);
}

SHA void crestic_sha256_two_arm(
    uint32_t first[8], const uint8_t *firstIn, uint32_t second[8], const uint8_t *secondIn, size_t blocks) {
    lanes a, b;
    load_state(&a, first);
    load_state(&b, second);
    for (; blocks > 0; blocks--, firstIn += 64, secondIn += 64) {
        uint32x4_t abcdA = a.abcd, efghA = a.efgh, abcdB = b.abcd, efghB = b.efgh;
#pragma clang loop unroll(full)
        for (int i = 0; i < 16; i++) {
            four_rounds(&a, firstIn, i);
            four_rounds(&b, secondIn, i);
        }
        a.abcd = vaddq_u32(a.abcd, abcdA);
        a.efgh = vaddq_u32(a.efgh, efghA);
        b.abcd = vaddq_u32(b.abcd, abcdB);
        b.efgh = vaddq_u32(b.efgh, efghB);
    }
    store_state(&a, first);
    store_state(&b, second);
}

#endif
