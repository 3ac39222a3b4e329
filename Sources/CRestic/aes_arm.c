// AES with the instructions of 64-bit Arm, 8 blocks at a time.

#include "kernels.h"

#if CRESTIC_ARM

#include <arm_neon.h>

#include "arm.h"

#define AES TARGET("neon,aes")
#define INLINE static inline __attribute__((always_inline))
#define UNROLL _Pragma("clang loop unroll(full)")

AES void crestic_aes128_block_arm(const crestic_seal_key *key, const uint8_t in[16], uint8_t out[16]) {
    uint8x16_t block = vld1q_u8(in);
    for (int i = 0; i < 9; i++) block = vaesmcq_u8(vaeseq_u8(block, vld1q_u8(key->mac[i])));
    block = vaeseq_u8(block, vld1q_u8(key->mac[9]));
    vst1q_u8(out, veorq_u8(block, vld1q_u8(key->mac[10])));
}

/// A counter as a block, big-endian.
INLINE AES uint8x16_t counter_block(uint64_t high, uint64_t low) {
    uint64x2_t words = vcombine_u64(vcreate_u64(__builtin_bswap64(high)), vcreate_u64(__builtin_bswap64(low)));
    return vreinterpretq_u8_u64(words);
}

static AES void run_arm(
    const crestic_seal_key *key, uint64_t high, uint64_t low, const uint8_t *in, size_t n, uint8_t *out) {
    uint8x16_t keys[15];
    UNROLL for (int i = 0; i < 15; i++) keys[i] = vld1q_u8(key->encrypt[i]);
    for (; n >= 128; n -= 128, in += 128, out += 128, low += 8) {
        uint8x16_t b[8];
        UNROLL for (int j = 0; j < 8; j++) b[j] = counter_block(high, low + (uint64_t)j);
        UNROLL for (int i = 0; i < 13; i++) {
            UNROLL for (int j = 0; j < 8; j++) b[j] = vaesmcq_u8(vaeseq_u8(b[j], keys[i]));
        }
        UNROLL for (int j = 0; j < 8; j++) {
            uint8x16_t stream = veorq_u8(vaeseq_u8(b[j], keys[13]), keys[14]);
            vst1q_u8(out + 16 * j, veorq_u8(vld1q_u8(in + 16 * j), stream));
        }
    }
    for (; n > 0; low++) {
        uint8x16_t b = counter_block(high, low);
        for (int i = 0; i < 13; i++) b = vaesmcq_u8(vaeseq_u8(b, keys[i]));
        b = veorq_u8(vaeseq_u8(b, keys[13]), keys[14]);
        if (n < 16) {
            uint8_t stream[16];
            vst1q_u8(stream, b);
            for (size_t i = 0; i < n; i++) out[i] = in[i] ^ stream[i];
            return;
        }
        vst1q_u8(out, veorq_u8(vld1q_u8(in), b));
        n -= 16, in += 16, out += 16;
    }
}

void crestic_aes256_ctr_arm(
    const crestic_seal_key *key, uint8_t counter[16], const uint8_t *in, size_t n, uint8_t *out) {
    counter_runs(run_arm, key, counter, in, n, out);
}

#endif
