// The implementations for 64-bit Arm.

#ifndef CRESTIC_ARM_H
#define CRESTIC_ARM_H

#include "kernels.h"

HIDDEN void crestic_sha256_blocks_arm(uint32_t state[8], const uint8_t *in, size_t blocks);
HIDDEN void crestic_sha256_two_arm(
    uint32_t first[8], const uint8_t *firstIn, uint32_t second[8], const uint8_t *secondIn, size_t blocks);

HIDDEN void crestic_aes128_block_arm(const crestic_seal_key *key, const uint8_t in[16], uint8_t out[16]);
HIDDEN void crestic_aes256_ctr_arm(
    const crestic_seal_key *key, uint8_t counter[16], const uint8_t *in, size_t n, uint8_t *out);

#endif
