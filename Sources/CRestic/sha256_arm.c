// SHA-256 with the SHA-256 instructions of 64-bit Arm, for one stream and for two.

#include "kernels.h"

#if CRESTIC_ARM

#include <arm_neon.h>

#include "arm.h"
#include "sha256_constants.h"

#define SHA TARGET("neon,sha2")
#define INLINE static inline __attribute__((always_inline))

/// A state, abcd and efgh, and the last 16 words of the message schedule.
typedef struct {
    uint32x4_t half[2], w[4];
} lanes;

INLINE SHA void load_state(lanes *s, const uint32_t state[8]) {
    s->half[0] = vld1q_u32(state);
    s->half[1] = vld1q_u32(state + 4);
}

INLINE SHA void store_state(const lanes *s, uint32_t state[8]) {
    vst1q_u32(state, s->half[0]);
    vst1q_u32(state + 4, s->half[1]);
}

/// Four rounds; `i` counts them from 0 to 15 and is known to the compiler.
INLINE SHA void four_rounds(lanes *s, const uint8_t *in, int i) {
    if (i < 4)
        s->w[i] = vreinterpretq_u32_u8(vrev32q_u8(vld1q_u8(in + 16 * i)));
    else
        s->w[i & 3] = vsha256su1q_u32(
            vsha256su0q_u32(s->w[i & 3], s->w[(i + 1) & 3]), s->w[(i + 2) & 3], s->w[(i + 3) & 3]);
    uint32x4_t sum = vaddq_u32(s->w[i & 3], vld1q_u32(crestic_sha256_constants + 4 * i)), abcd = s->half[0];
    s->half[0] = vsha256hq_u32(abcd, s->half[1], sum);
    s->half[1] = vsha256h2q_u32(s->half[1], abcd, sum);
}

#define VECTOR uint32x4_t
#define ADD vaddq_u32
#define ONE crestic_sha256_blocks_arm
#define TWO crestic_sha256_two_arm
#include "sha256_streams.h"

#endif
