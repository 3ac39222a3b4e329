// The functions that exist in several implementations, and the table that names one of each.

#ifndef CRESTIC_KERNELS_H
#define CRESTIC_KERNELS_H

#include <string.h>

#include "CRestic.h"

#define HIDDEN __attribute__((visibility("hidden")))

#define TARGET(features) __attribute__((target(features)))

#if defined(__x86_64__) && (defined(__clang__) || defined(__GNUC__))
#define CRESTIC_X86 1
#else
#define CRESTIC_X86 0
#endif

#if defined(__aarch64__) && defined(__AARCH64EL__) && defined(__clang__)
#define CRESTIC_ARM 1
#else
#define CRESTIC_ARM 0
#endif

typedef void crestic_sha256_lanes(uint32_t *const state[], const uint8_t *const in[], size_t blocks);

typedef struct {
    /// Feeds whole blocks of 64 bytes to a SHA-256 state.
    void (*sha256_blocks)(uint32_t state[8], const uint8_t *in, size_t blocks);
    /// Feeds as many blocks to each of two states, or null where that is no gain.
    void (*sha256_two)(
        uint32_t first[8], const uint8_t *firstIn, uint32_t second[8], const uint8_t *secondIn, size_t blocks);
    /// Feeds as many blocks to each of eight states, or of sixteen, or null.
    crestic_sha256_lanes *sha256_eight, *sha256_sixteen;
    /// Encrypts one block with the AES-128 key of the MAC.
    void (*aes128_block)(const crestic_seal_key *key, const uint8_t in[16], uint8_t out[16]);
    /// xors `n` bytes with the key stream that begins at `counter`. Moves `counter` by the number of blocks begun.
    void (*aes256_ctr)(
        const crestic_seal_key *key, uint8_t counter[16], const uint8_t *in, size_t n, uint8_t *out);
    /// Adds whole blocks of 16 bytes to a Poly1305 sum in limbs of 44, 44 and 42 bits.
    void (*poly1305_blocks)(const crestic_seal_key *key, uint64_t h[3], const uint8_t *in, size_t blocks);
    /// crestic_chunker_candidates with 64 <= from <= n and capacity > 0.
    size_t (*candidates)(
        const crestic_chunker *chunker, const uint8_t *bytes, size_t n, size_t from, uint64_t mask,
        size_t *positions, size_t capacity);
    int (*is_zero)(const uint8_t *bytes, size_t n);
} crestic_kernels;

/// The table in force for the calling thread.
HIDDEN const crestic_kernels *crestic_active(void);

// Portable.
HIDDEN void crestic_sha256_blocks_portable(uint32_t state[8], const uint8_t *in, size_t blocks);
HIDDEN void crestic_aes128_block_portable(const crestic_seal_key *key, const uint8_t in[16], uint8_t out[16]);
HIDDEN void crestic_aes256_ctr_portable(
    const crestic_seal_key *key, uint8_t counter[16], const uint8_t *in, size_t n, uint8_t *out);
HIDDEN void crestic_poly1305_blocks_portable(
    const crestic_seal_key *key, uint64_t h[3], const uint8_t *in, size_t blocks);
HIDDEN size_t crestic_candidates_portable(
    const crestic_chunker *chunker, const uint8_t *bytes, size_t n, size_t from, uint64_t mask, size_t *positions,
    size_t capacity);
HIDDEN int crestic_is_zero_portable(const uint8_t *bytes, size_t n);

// Portable, and faster on most processors.
#ifdef __SIZEOF_INT128__
HIDDEN void crestic_poly1305_blocks_wide(
    const crestic_seal_key *key, uint64_t h[3], const uint8_t *in, size_t blocks);
#endif
HIDDEN size_t crestic_candidates_wide(
    const crestic_chunker *chunker, const uint8_t *bytes, size_t n, size_t from, uint64_t mask, size_t *positions,
    size_t capacity);

// Shared parts.
HIDDEN void crestic_aes_expand(const uint8_t *key, size_t words, uint8_t (*rounds)[16]);
HIDDEN void crestic_poly1305_init(crestic_seal_key *key, const uint8_t r[16]);
HIDDEN void crestic_poly1305_finish(
    const crestic_seal_key *key, uint64_t h[3], const uint8_t *rest, size_t n, const uint8_t pad[16], uint8_t mac[16]);

static inline uint64_t load64(const uint8_t *bytes) {
    uint64_t value = 0;
    for (int i = 7; i >= 0; i--) value = value << 8 | bytes[i];
    return value;
}

static inline void store64(uint8_t *bytes, uint64_t value) {
    for (int i = 0; i < 8; i++, value >>= 8) bytes[i] = (uint8_t)value;
}

static inline uint32_t load32_big(const uint8_t *bytes) {
    return (uint32_t)bytes[0] << 24 | (uint32_t)bytes[1] << 16 | (uint32_t)bytes[2] << 8 | bytes[3];
}

static inline void store32_big(uint8_t *bytes, uint32_t value) {
    bytes[0] = (uint8_t)(value >> 24);
    bytes[1] = (uint8_t)(value >> 16);
    bytes[2] = (uint8_t)(value >> 8);
    bytes[3] = (uint8_t)value;
}

static inline uint64_t load64_big(const uint8_t *bytes) {
    return (uint64_t)load32_big(bytes) << 32 | load32_big(bytes + 4);
}

static inline void store64_big(uint8_t *bytes, uint64_t value) {
    store32_big(bytes, (uint32_t)(value >> 32));
    store32_big(bytes + 4, (uint32_t)value);
}

/// Adds to a counter block, a big-endian integer of 128 bits.
static inline void counter_add(uint8_t counter[16], uint64_t blocks) {
    uint64_t low = load64_big(counter + 8) + blocks;
    if (low < blocks) store64_big(counter, load64_big(counter) + 1);
    store64_big(counter + 8, low);
}

/// A key stream from a counter in two halves, xored with `n` bytes. The lower half does not overflow.
typedef void counter_run(
    const crestic_seal_key *key, uint64_t high, uint64_t low, const uint8_t *in, size_t n, uint8_t *out);

/// aes256_ctr by `run`, called for pieces in which the lower half of the counter does not overflow.
static inline void counter_runs(
    counter_run *run, const crestic_seal_key *key, uint8_t counter[16], const uint8_t *in, size_t n, uint8_t *out) {
    uint64_t high = load64_big(counter), low = load64_big(counter + 8);
    uint64_t blocks = n / 16 + (n % 16 > 0), room = 0 - low;
    if (low != 0 && blocks > room) {
        run(key, high, low, in, 16 * room, out);
        run(key, high + 1, 0, in + 16 * room, n - 16 * room, out + 16 * room);
    } else if (n > 0) {
        run(key, high, low, in, n, out);
    }
    counter_add(counter, blocks);
}

#endif
