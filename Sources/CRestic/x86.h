// The implementations for x86.

#ifndef CRESTIC_X86_H
#define CRESTIC_X86_H

#include "kernels.h"

HIDDEN void crestic_sha256_blocks_ni(uint32_t state[8], const uint8_t *in, size_t blocks);
HIDDEN void crestic_sha256_two_ni(
    uint32_t first[8], const uint8_t *firstIn, uint32_t second[8], const uint8_t *secondIn, size_t blocks);
HIDDEN crestic_sha256_lanes crestic_sha256_eight_avx2, crestic_sha256_sixteen_avx512;

HIDDEN void crestic_aes128_block_ni(const crestic_seal_key *key, const uint8_t in[16], uint8_t out[16]);
HIDDEN void crestic_aes256_ctr_ni(
    const crestic_seal_key *key, uint8_t counter[16], const uint8_t *in, size_t n, uint8_t *out);
HIDDEN void crestic_aes256_ctr_vaes256(
    const crestic_seal_key *key, uint8_t counter[16], const uint8_t *in, size_t n, uint8_t *out);
HIDDEN void crestic_aes256_ctr_vaes512(
    const crestic_seal_key *key, uint8_t counter[16], const uint8_t *in, size_t n, uint8_t *out);

HIDDEN void crestic_poly1305_blocks_ifma(
    const crestic_seal_key *key, uint64_t h[3], const uint8_t *in, size_t blocks);

HIDDEN size_t crestic_candidates_gfni256(
    const crestic_chunker *chunker, const uint8_t *bytes, size_t n, size_t from, uint64_t mask, size_t *positions,
    size_t capacity);
HIDDEN size_t crestic_candidates_gfni512(
    const crestic_chunker *chunker, const uint8_t *bytes, size_t n, size_t from, uint64_t mask, size_t *positions,
    size_t capacity);

HIDDEN int crestic_is_zero_avx2(const uint8_t *bytes, size_t n);
HIDDEN int crestic_is_zero_avx512(const uint8_t *bytes, size_t n);

#endif
