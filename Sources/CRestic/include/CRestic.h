// CRestic: the hot loops of the restic repository format.
//
// Every function is thread-safe and allocates nothing. It picks its implementation by the features of the processor; a
// portable one exists for each and gives the same bytes. Lengths are bytes. No pointer needs an alignment. A pointer
// to no bytes may be null.

#ifndef CRESTIC_H
#define CRESTIC_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

// MARK: SHA-256 (FIPS 180-4)

/// Writes the SHA-256 of `n` bytes.
void crestic_sha256(const uint8_t *in, size_t n, uint8_t out[32]);

/// The most messages that crestic_sha256_many takes at once.
#define CRESTIC_SHA256_MANY 16

/// Writes the SHA-256 of each of `count` messages, 0 to CRESTIC_SHA256_MANY of them. Two, eight or sixteen are hashed
/// side by side where the processor is faster that way: long ones together take far less time than one after the other.
void crestic_sha256_many(const uint8_t *const in[], const size_t n[], size_t count, uint8_t (*out)[32]);

/// A hash that grows, for what is not in memory at once.
typedef struct {
    uint32_t state[8];
    uint64_t total;
    uint8_t pending[64];
    uint32_t pendingLength;
} crestic_sha256_context;

void crestic_sha256_init(crestic_sha256_context *context);
void crestic_sha256_update(crestic_sha256_context *context, const uint8_t *in, size_t n);
/// Writes the hash of all that was added. The context has to be initialised again before its next use.
void crestic_sha256_final(crestic_sha256_context *context, uint8_t out[32]);

// MARK: Sealing: AES-256-CTR, then Poly1305-AES over the ciphertext

/// Bytes that sealing adds: 16 of IV before the ciphertext, 16 of MAC after it.
#define CRESTIC_SEAL_OVERHEAD 32

/// An expanded key. It holds secrets: clear it with crestic_clear when done.
typedef struct {
    uint8_t encrypt[15][16];      // round keys of AES-256
    uint8_t mac[11][16];          // round keys of AES-128 for the one-time pad of the MAC
    uint64_t power[8][3];         // r^1 ... r^8 modulo 2^130 - 5, in limbs of 44, 44 and 42 bits
} crestic_seal_key;

/// Expands the three parts of a repository key. `r` may be clamped or not.
void crestic_seal_key_init(
    crestic_seal_key *key, const uint8_t encrypt[32], const uint8_t k[16], const uint8_t r[16]);

/// Writes IV, ciphertext and MAC, `n` + 32 bytes. `in` and `out` + 16 may be the same memory, and may not overlap in
/// another way. The counter block starts as the IV and grows as one big-endian integer of 128 bits.
void crestic_seal(const crestic_seal_key *key, const uint8_t iv[16], const uint8_t *in, size_t n, uint8_t *out);

/// Opens `n` sealed bytes. The MAC is compared first, in constant time: returns 1 and writes `n` - 32 bytes, or 0 and
/// writes nothing. Fewer than 32 bytes are never accepted. `out` may be `sealed` + 16, and may not overlap otherwise.
int crestic_open(const crestic_seal_key *key, const uint8_t *sealed, size_t n, uint8_t *out);

/// Whether `n` sealed bytes are a seal of the `n` - 32 bytes at `plain`: 1 if the MAC is right and opening gives them, else
/// 0. Writes nothing. Not in constant time: it is for whoever has just sealed.
int crestic_is_seal(const crestic_seal_key *key, const uint8_t *sealed, size_t n, const uint8_t *plain);

/// Overwrites memory with zeros, in a way that the compiler may not leave out.
void crestic_clear(void *memory, size_t n);

// MARK: Content-defined chunking

/// Bytes that the fingerprint of a position covers.
#define CRESTIC_CHUNKER_WINDOW 64

/// The tables of one polynomial of degree 53.
typedef struct {
    uint64_t polynomial;
    uint64_t out[256];            // byte b followed by 63 zero bytes, modulo the polynomial
    uint64_t mod[256];            // (b * x^53 modulo the polynomial) xor (b << 53)
    uint64_t matrix[2][64];       // what the byte j places before a position adds to bits 8i ..< 8i + 8, as 8 x 8 bits
} crestic_chunker;

void crestic_chunker_init(crestic_chunker *chunker, uint64_t polynomial);

/// The fingerprint of the 64 bytes at `window`.
uint64_t crestic_chunker_fingerprint(const crestic_chunker *chunker, const uint8_t *window);

/// Writes to `positions`, ascending, the offsets p in `from` ... `n` for which the fingerprint of the 64 bytes before p
/// is zero in all bits of `mask`; at most `capacity` of them. `from` counts as 64 if it is less. Returns how many; if
/// that is `capacity`, there may be more after the last one.
size_t crestic_chunker_candidates(
    const crestic_chunker *chunker, const uint8_t *bytes, size_t n, size_t from, uint64_t mask, size_t *positions,
    size_t capacity);

/// The length of the chunk that begins at bytes[0]: the least L in `min` ... `max` which is a candidate, else `max`;
/// `n` if there are fewer bytes and no candidate among them. Needs 64 <= `min` <= `max`. Reads nothing before
/// `min` - 128 and little after the cut.
size_t crestic_chunker_cut(
    const crestic_chunker *chunker, const uint8_t *bytes, size_t n, size_t min, size_t max, uint64_t mask);

// MARK: Zeros

/// 1 if all `n` bytes are zero (or there are none), else 0.
int crestic_is_zero(const uint8_t *bytes, size_t n);

// MARK: Which implementation

/// Levels of implementation, each with everything of those below it. One that the processor has nothing for is the same
/// as the one below.
enum {
    CRESTIC_LEVEL_PORTABLE = 0, // plain C, the reference for all others
    CRESTIC_LEVEL_WIDE = 1,     // plain C with more than one stream and 128-bit products
    CRESTIC_LEVEL_AES = 2,      // x86: AES instructions; Arm: AES and SHA-256 instructions
    CRESTIC_LEVEL_AVX2 = 3,     // x86: vectors of 256 bits, as since 2013
    CRESTIC_LEVEL_SHA = 4,      // x86: SHA instructions, as since 2017
    CRESTIC_LEVEL_GALOIS = 5,   // x86: VAES and GFNI in 256 bits, as since 2020
    CRESTIC_LEVEL_AVX512 = 6,   // x86: vectors of 512 bits
};

/// The highest level that this processor can run; it is used unless a test forces another one.
int crestic_highest_level(void);

/// What a level of this processor is made of, such as "sha-ni x2, vaes-512, ...". Never null.
const char *crestic_level_name(int level);

/// For tests: the calling thread uses `level` from now on, or the highest one that exists if that is less. A negative
/// level ends this. Returns the level in force.
int crestic_force_level(int level);

#ifdef __cplusplus
}
#endif

#endif
