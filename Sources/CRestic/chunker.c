// The Rabin fingerprint: its tables, the plain search for cut points, and the cut rule.

#include "kernels.h"

#define DEGREE 53
#define SHIFT (DEGREE - 8)

/// `value` * x^8 modulo the polynomial.
static uint64_t times_byte(uint64_t value, uint64_t polynomial) {
    for (int i = 0; i < 8; i++) {
        value <<= 1;
        if (value >> DEGREE & 1) value ^= polynomial;
    }
    return value;
}

/// What the byte j places before a position adds to the bits 8 * plane ..< 8 * plane + 8 of the fingerprint.
static void init_matrix(crestic_chunker *chunker, int plane, int j, const uint64_t basis[8]) {
    // Row i of the matrix, which makes bit i of the result, is byte 7 - i; its bit b says if bit b of the input counts.
    uint64_t matrix = 0;
    for (int row = 0; row < 8; row++)
        for (int bit = 0; bit < 8; bit++)
            if (basis[bit] >> (8 * plane + row) & 1) matrix |= 1ull << (8 * (7 - row) + bit);
    chunker->matrix[plane][j] = matrix;
}

void crestic_chunker_init(crestic_chunker *chunker, uint64_t polynomial) {
    chunker->polynomial = polynomial;
    // basis[b] is 2^b * x^(8j): what bit b of the byte j places before the last one adds to the fingerprint.
    uint64_t basis[8];
    for (int bit = 0; bit < 8; bit++) basis[bit] = 1ull << bit;
    for (int j = 0; j < CRESTIC_CHUNKER_WINDOW; j++) {
        for (int plane = 0; plane < 2; plane++) init_matrix(chunker, plane, j, basis);
        if (j == CRESTIC_CHUNKER_WINDOW - 1) break;
        for (int bit = 0; bit < 8; bit++) basis[bit] = times_byte(basis[bit], polynomial);
    }
    uint64_t top[8];
    for (int bit = 0; bit < 8; bit++)
        top[bit] = times_byte(1ull << (SHIFT + bit), polynomial) ^ 1ull << (DEGREE + bit);
    for (int value = 0; value < 256; value++) {
        chunker->out[value] = 0;
        chunker->mod[value] = 0;
        for (int bit = 0; bit < 8; bit++) {
            if (!(value >> bit & 1)) continue;
            chunker->out[value] ^= basis[bit];
            chunker->mod[value] ^= top[bit];
        }
    }
}

uint64_t crestic_chunker_fingerprint(const crestic_chunker *chunker, const uint8_t *window) {
    uint64_t digest = 0;
    for (int i = 0; i < CRESTIC_CHUNKER_WINDOW; i++)
        digest = (digest << 8 | window[i]) ^ chunker->mod[digest >> SHIFT];
    return digest;
}

size_t crestic_candidates_portable(
    const crestic_chunker *chunker, const uint8_t *bytes, size_t n, size_t from, uint64_t mask, size_t *positions,
    size_t capacity) {
    size_t found = 0;
    uint64_t digest = crestic_chunker_fingerprint(chunker, bytes + from - CRESTIC_CHUNKER_WINDOW);
    for (size_t position = from;; position++) {
        if ((digest & mask) == 0) {
            positions[found++] = position;
            if (found == capacity) return found;
        }
        if (position == n) return found;
        digest ^= chunker->out[bytes[position - CRESTIC_CHUNKER_WINDOW]];
        digest = (digest << 8 | bytes[position]) ^ chunker->mod[digest >> SHIFT];
    }
}

size_t crestic_chunker_candidates(
    const crestic_chunker *chunker, const uint8_t *bytes, size_t n, size_t from, uint64_t mask, size_t *positions,
    size_t capacity) {
    if (from < CRESTIC_CHUNKER_WINDOW) from = CRESTIC_CHUNKER_WINDOW;
    if (from > n || capacity == 0) return 0;
    return crestic_active()->candidates(chunker, bytes, n, from, mask, positions, capacity);
}

size_t crestic_chunker_cut(
    const crestic_chunker *chunker, const uint8_t *bytes, size_t n, size_t min, size_t max, uint64_t mask) {
    size_t last = n < max ? n : max, position;
    return crestic_chunker_candidates(chunker, bytes, last, min, mask, &position, 1) == 1 ? position : last;
}
