// The search for cut points as a convolution, in wide registers.
//
// The fingerprint is linear: each bit of it is a xor of bits of the 64 bytes in the window. So 8 bits of it, for many
// neighbouring positions at once, are the xor over j = 0 ... 63 of M[j] applied to the byte j places before, where M[j]
// is a matrix of 8 x 8 bits, and GF2P8AFFINEQB applies one matrix to all bytes of a register. No position waits for
// another.
//
// The lowest 8 bits reject all but one position in 256. For those left, the next 8 bits are computed, then, for one
// position in 65,536, the whole fingerprint. The steps are apart, tile by tile, so that no branch depends on the data
// while registers are full of work.

#include "kernels.h"

#if CRESTIC_X86

#include <immintrin.h>

#include "x86.h"

#define INLINE static inline __attribute__((always_inline))
#define UNROLL _Pragma("clang loop unroll(full)")

/// Positions that one bit word of a tile stands for, words of a round, and rounds of a tile.
#define WORD 64
#define ROUND 2
#define TILE 32

/// For `rounds` * ROUND words: bit i of a word is set if the lowest fingerprint byte of the i-th position of the word
/// is zero in all bits of `mask`. `data` is the last byte before the first of these positions. Reads 128 bytes before.
typedef void filter(const crestic_chunker *chunker, const uint8_t *data, size_t rounds, uint8_t mask, uint64_t *words);

/// Bits 8 ..< 16 of the fingerprint at `window`.
typedef uint64_t second_byte(const crestic_chunker *chunker, const uint8_t *window);

/// Writes the positions whose bits are set, at most WORD * ROUND * TILE; returns how many.
static size_t list(const uint64_t *words, size_t count, uint16_t *positions) {
    size_t found = 0;
    for (size_t i = 0; i < count; i++) {
        uint64_t word = words[i];
        uint16_t first = (uint16_t)(WORD * i);
        // Nearly always there are 0, 1 or 2, written without asking. What is too much is overwritten.
        positions[found] = first + (uint16_t)(__builtin_ctzll(word | 1ull << 63));
        uint64_t rest = word & (word - 1);
        positions[found + 1] = first + (uint16_t)(__builtin_ctzll(rest | 1ull << 63));
        size_t set = (size_t)__builtin_popcountll(word);
        if (__builtin_expect(set > 2, 0)) {
            rest &= rest - 1;
            for (size_t k = found + 2; rest != 0; rest &= rest - 1)
                positions[k++] = first + (uint16_t)__builtin_ctzll(rest);
        }
        found += set;
    }
    return found;
}

INLINE size_t candidates(
    filter *run, second_byte *second, const crestic_chunker *chunker, const uint8_t *bytes, size_t n, size_t from,
    uint64_t mask, size_t *positions, size_t capacity) {
    size_t found = 0;
    if (from < 2 * CRESTIC_CHUNKER_WINDOW) {
        // The filter reads 128 bytes before a position; the first ones have fewer.
        size_t last = n < 2 * CRESTIC_CHUNKER_WINDOW - 1 ? n : 2 * CRESTIC_CHUNKER_WINDOW - 1;
        found = crestic_candidates_portable(chunker, bytes, last, from, mask, positions, capacity);
        if (last == n || found == capacity) return found;
        from = last + 1;
    }
    uint64_t words[ROUND * TILE];
    uint16_t passed[WORD * ROUND * TILE + 2];
    // Positions up to n have bytes, so n - from + 1 are left.
    while (from <= n && n - from >= WORD * ROUND - 1) {
        size_t rounds = (n - from + 1) / (WORD * ROUND);
        if (rounds > TILE) rounds = TILE;
        run(chunker, bytes + from - 1, rounds, (uint8_t)mask, words);
        size_t count = list(words, ROUND * rounds, passed);
        for (size_t i = 0; i < count; i++) {
            const uint8_t *window = bytes + from + passed[i] - CRESTIC_CHUNKER_WINDOW;
            if ((second(chunker, window) & mask >> 8 & 0xff) != 0) continue;
            if ((crestic_chunker_fingerprint(chunker, window) & mask) != 0) continue;
            positions[found++] = from + passed[i];
            if (found == capacity) return found;
        }
        from += WORD * ROUND * rounds;
    }
    if (from > n) return found;
    return found + crestic_candidates_portable(chunker, bytes, n, from, mask, positions + found, capacity - found);
}

/// The xor of the eight bytes of a word.
static inline uint64_t folded(uint64_t word) {
    word ^= word >> 32;
    word ^= word >> 16;
    return (word ^ word >> 8) & 0xff;
}

static inline long long word_at(const uint8_t *bytes) {
    long long word;
    memcpy(&word, bytes, 8);
    return word;
}

/// Hides from the compiler that the matrices never change: kept in registers they would displace everything else.
#define FORGET(pointer) __asm__("" : "+r"(pointer))

// MARK: 512 bits

#define GFNI512 TARGET("avx512f,avx512bw,avx512vl,avx512dq,avx512vbmi,gfni")

INLINE GFNI512 __m512i apply512(__m512i x, const uint64_t *matrix) {
    return _mm512_gf2p8affine_epi64_epi8(x, _mm512_set1_epi64((long long)*matrix), 0);
}

/// Matrices 8a + b, a = 0 ... 7, work on the same bytes 8a places before; the sum belongs b places further on. So
/// registers are loaded at 8 offsets, not 64, and the 8 sums are shifted at the end, each with its last bytes from the
/// register before.
static GFNI512 void filter512(
    const crestic_chunker *chunker, const uint8_t *data, size_t rounds, uint8_t mask, uint64_t *words) {
    const uint64_t *matrix = chunker->matrix[0];
    const __m512i low = _mm512_set1_epi8((char)mask);
    const __m512i count = _mm512_set_epi64(
        0x3f3e3d3c3b3a3938, 0x3736353433323130, 0x2f2e2d2c2b2a2928, 0x2726252423222120, 0x1f1e1d1c1b1a1918,
        0x1716151413121110, 0x0f0e0d0c0b0a0908, 0x0706050403020100);
    __m512i before[8], shift[8];
    UNROLL for (int b = 1; b < 8; b++) {
        shift[b] = _mm512_add_epi8(count, _mm512_set1_epi8((char)(64 - b)));
        before[b] = _mm512_setzero_si512();
        UNROLL for (int a = 0; a < 8; a++)
            before[b] = _mm512_xor_si512(
                before[b], apply512(_mm512_loadu_si512(data - 64 - 8 * a), matrix + 8 * a + b));
    }
    for (; rounds > 0; rounds--, data += 128, words += 2) {
        __m512i x[8], y[8], first, second;
        FORGET(matrix);
        UNROLL for (int a = 0; a < 8; a++) {
            x[a] = _mm512_loadu_si512(data - 8 * a);
            y[a] = _mm512_loadu_si512(data + 64 - 8 * a);
        }
        UNROLL for (int b = 0; b < 8; b++) {
            __m512i p = apply512(x[0], matrix + b), q = apply512(y[0], matrix + b);
            UNROLL for (int a = 1; a < 8; a++) {
                p = _mm512_xor_si512(p, apply512(x[a], matrix + 8 * a + b));
                q = _mm512_xor_si512(q, apply512(y[a], matrix + 8 * a + b));
            }
            if (b == 0) {
                first = p, second = q;
                continue;
            }
            first = _mm512_xor_si512(first, _mm512_permutex2var_epi8(before[b], shift[b], p));
            second = _mm512_xor_si512(second, _mm512_permutex2var_epi8(p, shift[b], q));
            before[b] = q;
        }
        words[0] = _mm512_testn_epi8_mask(first, low);
        words[1] = _mm512_testn_epi8_mask(second, low);
    }
}

/// One window is one byte for each matrix. A register holds eight matrices; each is applied to all eight bytes that
/// these matrices are for, and of the results the right one is taken: byte 7 - i of the word that matrix i made.
INLINE GFNI512 uint64_t second_byte512(const crestic_chunker *chunker, const uint8_t *window) {
    __m512i sum = _mm512_setzero_si512();
    UNROLL for (int a = 0; a < 8; a++) {
        __m512i word = _mm512_set1_epi64(word_at(window + 56 - 8 * a));
        __m512i m = _mm512_loadu_si512(chunker->matrix[1] + 8 * a);
        sum = _mm512_xor_si512(sum, _mm512_gf2p8affine_epi64_epi8(word, m, 0));
    }
    sum = _mm512_maskz_mov_epi8(0x0102040810204080, sum);
    return folded((uint64_t)_mm512_reduce_or_epi64(sum));
}

GFNI512 size_t crestic_candidates_gfni512(
    const crestic_chunker *chunker, const uint8_t *bytes, size_t n, size_t from, uint64_t mask, size_t *positions,
    size_t capacity) {
    return candidates(filter512, second_byte512, chunker, bytes, n, from, mask, positions, capacity);
}

// MARK: 256 bits

#define GFNI256 TARGET("avx2,gfni")

INLINE GFNI256 __m256i part256(const __m256i x[8], const uint64_t *matrix, int b) {
    __m256i sum = _mm256_setzero_si256();
    UNROLL for (int a = 0; a < 8; a++) {
        __m256i m = _mm256_set1_epi64x((long long)matrix[8 * a + b]);
        sum = _mm256_xor_si256(sum, _mm256_gf2p8affine_epi64_epi8(x[a], m, 0));
    }
    return sum;
}

/// The last `b` bytes of `before`, then the first 32 - b of `now`.
#define SHIFTED(before, now, b) _mm256_alignr_epi8(now, _mm256_permute2x128_si256(before, now, 0x21), 16 - (b))

static GFNI256 void filter256(
    const crestic_chunker *chunker, const uint8_t *data, size_t rounds, uint8_t mask, uint64_t *words) {
    const uint64_t *matrix = chunker->matrix[0];
    const __m256i low = _mm256_set1_epi8((char)mask);
    __m256i before[8], x[8];
    UNROLL for (int a = 0; a < 8; a++) x[a] = _mm256_loadu_si256((const __m256i *)(data - 32 - 8 * a));
    UNROLL for (int b = 1; b < 8; b++) before[b] = part256(x, matrix, b);
    for (size_t half = 0; half < 2 * ROUND * rounds; half++, data += 32) {
        FORGET(matrix);
        UNROLL for (int a = 0; a < 8; a++) x[a] = _mm256_loadu_si256((const __m256i *)(data - 8 * a));
        __m256i sum = part256(x, matrix, 0);
#define ADD(b) \
    { \
        __m256i now = part256(x, matrix, b); \
        sum = _mm256_xor_si256(sum, SHIFTED(before[b], now, b)); \
        before[b] = now; \
    }
        ADD(1) ADD(2) ADD(3) ADD(4) ADD(5) ADD(6) ADD(7)
#undef ADD
        __m256i clear = _mm256_cmpeq_epi8(_mm256_and_si256(sum, low), _mm256_setzero_si256());
        uint64_t bits = (uint32_t)_mm256_movemask_epi8(clear);
        words[half / 2] = half % 2 == 0 ? bits : words[half / 2] | bits << 32;
    }
}

/// As second_byte512, in two halves.
INLINE GFNI256 uint64_t second_byte256(const crestic_chunker *chunker, const uint8_t *window) {
    __m256i front = _mm256_setzero_si256(), back = front;
    UNROLL for (int a = 0; a < 8; a++) {
        __m256i word = _mm256_set1_epi64x(word_at(window + 56 - 8 * a));
        const __m256i *m = (const __m256i *)(chunker->matrix[1] + 8 * a);
        front = _mm256_xor_si256(front, _mm256_gf2p8affine_epi64_epi8(word, _mm256_loadu_si256(m), 0));
        back = _mm256_xor_si256(back, _mm256_gf2p8affine_epi64_epi8(word, _mm256_loadu_si256(m + 1), 0));
    }
    const uint64_t byte = 0xff;
    const uint64_t kept[8] = {byte << 56, byte << 48, byte << 40, byte << 32, byte << 24, byte << 16, byte << 8, byte};
    front = _mm256_and_si256(front, _mm256_loadu_si256((const __m256i *)kept));
    back = _mm256_and_si256(back, _mm256_loadu_si256((const __m256i *)kept + 1));
    __m256i both = _mm256_or_si256(front, back);
    __m128i word = _mm_or_si128(_mm256_castsi256_si128(both), _mm256_extracti128_si256(both, 1));
    return folded((uint64_t)(_mm_extract_epi64(word, 0) | _mm_extract_epi64(word, 1)));
}

GFNI256 size_t crestic_candidates_gfni256(
    const crestic_chunker *chunker, const uint8_t *bytes, size_t n, size_t from, uint64_t mask, size_t *positions,
    size_t capacity) {
    return candidates(filter256, second_byte256, chunker, bytes, n, from, mask, positions, capacity);
}

#endif
