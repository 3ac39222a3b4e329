// Poly1305 with products of 128 bits, two blocks at a time: the even and the odd blocks are two sums that do not wait
// for each other, each multiplied by r^2.

#include "kernels.h"

#ifdef __SIZEOF_INT128__

#define MASK42 0x3ffffffffffu
#define MASK44 0xfffffffffffu

typedef unsigned __int128 wide;
typedef struct {
    uint64_t l0, l1, l2;
} limbs;

static inline limbs block_limbs(const uint8_t *in) {
    uint64_t low = load64(in), top = load64(in + 8);
    return (limbs){low & MASK44, (low >> 44 | top << 20) & MASK44, top >> 24 | 1ull << 40};
}

static inline limbs power_limbs(const uint64_t power[3]) { return (limbs){power[0], power[1], power[2]}; }

static inline limbs sum(limbs a, limbs b) { return (limbs){a.l0 + b.l0, a.l1 + b.l1, a.l2 + b.l2}; }

static inline limbs product(limbs a, limbs b) {
    // What passes 2^132 comes back times 20: four times 2^130, which is 5.
    uint64_t b1 = 20 * b.l1, b2 = 20 * b.l2;
    wide d0 = (wide)a.l0 * b.l0 + (wide)a.l1 * b2 + (wide)a.l2 * b1;
    wide d1 = (wide)a.l0 * b.l1 + (wide)a.l1 * b.l0 + (wide)a.l2 * b2;
    wide d2 = (wide)a.l0 * b.l2 + (wide)a.l1 * b.l1 + (wide)a.l2 * b.l0;
    d1 += (uint64_t)(d0 >> 44);
    d2 += (uint64_t)(d1 >> 44);
    uint64_t l0 = ((uint64_t)d0 & MASK44) + 5 * (uint64_t)(d2 >> 42);
    uint64_t l1 = ((uint64_t)d1 & MASK44) + (l0 >> 44);
    return (limbs){l0 & MASK44, l1, (uint64_t)d2 & MASK42};
}

void crestic_poly1305_blocks_wide(const crestic_seal_key *key, uint64_t h[3], const uint8_t *in, size_t blocks) {
    limbs even = power_limbs(h), r = power_limbs(key->power[0]), r2 = power_limbs(key->power[1]);
    if (blocks >= 4) {
        even = sum(even, block_limbs(in));
        limbs odd = block_limbs(in + 16);
        for (in += 32, blocks -= 2; blocks >= 2; in += 32, blocks -= 2) {
            even = sum(product(even, r2), block_limbs(in));
            odd = sum(product(odd, r2), block_limbs(in + 16));
        }
        even = sum(product(even, r2), product(odd, r));
    }
    for (; blocks > 0; blocks--, in += 16) even = product(sum(even, block_limbs(in)), r);
    // No limb may be much too long for the next reader.
    even.l1 += even.l0 >> 44, even.l2 += even.l1 >> 44;
    h[0] = even.l0 & MASK44, h[1] = even.l1 & MASK44, h[2] = even.l2;
}

#endif
