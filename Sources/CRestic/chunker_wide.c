// The search for cut points in six places of the data at once, in plain C: one place alone waits for its own tables.

#include "kernels.h"

/// Places searched at once, and the positions of each before the answers are put in order.
#define LANES 6
#define SPAN 4096
/// Candidates kept for each place; when there are more (monotonous data) the block is searched plainly.
#define KEPT 24

typedef struct {
    uint64_t digest;
    const uint8_t *entering;
    uint32_t count;
    uint32_t offset[KEPT];
} lane;

#define EACH(body) \
    { enum { L = 0 }; body } { enum { L = 1 }; body } { enum { L = 2 }; body } \
    { enum { L = 3 }; body } { enum { L = 4 }; body } { enum { L = 5 }; body }

/// Searches LANES * SPAN positions from `first` on. Returns 0 if some place has too many candidates to keep.
static int search(const crestic_chunker *chunker, const uint8_t *first, uint64_t mask, lane lanes[LANES]) {
    uint64_t digest[LANES];
    const uint8_t *entering[LANES];
    for (int i = 0; i < LANES; i++) {
        lanes[i].count = 0;
        entering[i] = first + (size_t)SPAN * (size_t)i;
        digest[i] = crestic_chunker_fingerprint(chunker, entering[i] - CRESTIC_CHUNKER_WINDOW);
    }
    for (uint32_t offset = 0;; offset++) {
        EACH(if (__builtin_expect((digest[L] & mask) == 0, 0)) {
            if (lanes[L].count == KEPT) return 0;
            lanes[L].offset[lanes[L].count++] = offset;
        })
        if (offset == SPAN - 1) return 1;
        EACH(digest[L] ^= chunker->out[entering[L][(ptrdiff_t)offset - CRESTIC_CHUNKER_WINDOW]];
             digest[L] = (digest[L] << 8 | entering[L][offset]) ^ chunker->mod[digest[L] >> 45];)
    }
}

size_t crestic_candidates_wide(
    const crestic_chunker *chunker, const uint8_t *bytes, size_t n, size_t from, uint64_t mask, size_t *positions,
    size_t capacity) {
    size_t found = 0;
    lane lanes[LANES];
    // Position p has read the bytes before p, so LANES * SPAN positions from p on end at p + LANES * SPAN - 1.
    for (; n - from >= LANES * SPAN; from += LANES * SPAN) {
        if (!search(chunker, bytes + from, mask, lanes)) {
            found += crestic_candidates_portable(
                chunker, bytes, from + LANES * SPAN - 1, from, mask, positions + found, capacity - found);
            if (found == capacity) return found;
            continue;
        }
        for (size_t i = 0; i < LANES; i++)
            for (uint32_t j = 0; j < lanes[i].count; j++) {
                positions[found++] = from + SPAN * i + lanes[i].offset[j];
                if (found == capacity) return found;
            }
    }
    return found
        + crestic_candidates_portable(chunker, bytes, n, from, mask, positions + found, capacity - found);
}
