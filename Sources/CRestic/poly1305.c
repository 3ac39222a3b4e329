// Poly1305 (Bernstein, 2005) in plain C, with products of 64 bits only so that it builds everywhere; and what all
// implementations share: the powers of r, the last bytes, the pad.
//
// Sums are kept in limbs of 44, 44 and 42 bits between calls; the last limb may be a little longer.

#include "kernels.h"

#define MASK26 0x3ffffffu
#define MASK42 0x3ffffffffffu
#define MASK44 0xfffffffffffu

/// A number modulo 2^130 - 5 in five limbs of 26 bits.
typedef struct {
    uint32_t limb[5];
} narrow;

static narrow narrow_from(const uint64_t h[3]) {
    // 44 + 44 + 44 bits, read 26 at a time.
    return (narrow){{
        h[0] & MASK26,
        (h[0] >> 26 | h[1] << 18) & MASK26,
        h[1] >> 8 & MASK26,
        (h[1] >> 34 | h[2] << 10) & MASK26,
        (uint32_t)(h[2] >> 16),
    }};
}

static void narrow_to(const narrow *a, uint64_t h[3]) {
    uint64_t l0 = a->limb[0], l1 = a->limb[1], l2 = a->limb[2], l3 = a->limb[3], l4 = a->limb[4];
    // Limbs may be a few bits too long: carry before they are put side by side.
    l2 += l1 >> 26, l1 &= MASK26;
    l3 += l2 >> 26, l2 &= MASK26;
    l4 += l3 >> 26, l3 &= MASK26;
    h[0] = (l0 | l1 << 26) & MASK44;
    h[1] = (l1 >> 18 | l2 << 8 | l3 << 34) & MASK44;
    h[2] = l3 >> 10 | l4 << 16;
}

static void add_block(narrow *h, const uint8_t block[16], uint32_t high) {
    uint64_t low = load64(block), top = load64(block + 8);
    h->limb[0] += low & MASK26;
    h->limb[1] += low >> 26 & MASK26;
    h->limb[2] += (low >> 52 | top << 12) & MASK26;
    h->limb[3] += top >> 14 & MASK26;
    h->limb[4] += (uint32_t)(top >> 40) | high << 24;
}

static void multiply(narrow *a, const narrow *b) {
    uint64_t d[5] = {0};
    for (int i = 0; i < 5; i++)
        for (int j = 0; j < 5; j++) {
            // 2^130 is 5 modulo 2^130 - 5.
            uint64_t factor = i + j < 5 ? b->limb[j] : 5ull * b->limb[j];
            d[(i + j) % 5] += a->limb[i] * factor;
        }
    uint64_t carry = 0;
    for (int i = 0; i < 5; i++) {
        d[i] += carry;
        carry = d[i] >> 26;
        a->limb[i] = d[i] & MASK26;
    }
    carry = a->limb[0] + carry * 5;
    a->limb[0] = carry & MASK26;
    a->limb[1] += (uint32_t)(carry >> 26);
}

void crestic_poly1305_blocks_portable(
    const crestic_seal_key *key, uint64_t h[3], const uint8_t *in, size_t blocks) {
    narrow sum = narrow_from(h), r = narrow_from(key->power[0]);
    for (; blocks > 0; blocks--, in += 16) {
        add_block(&sum, in, 1);
        multiply(&sum, &r);
    }
    narrow_to(&sum, h);
}

void crestic_poly1305_init(crestic_seal_key *key, const uint8_t r[16]) {
    uint64_t low = load64(r) & 0x0ffffffc0fffffff, top = load64(r + 8) & 0x0ffffffc0ffffffc;
    key->power[0][0] = low & MASK44;
    key->power[0][1] = (low >> 44 | top << 20) & MASK44;
    key->power[0][2] = top >> 24;
    narrow first = narrow_from(key->power[0]), power = first;
    for (int i = 1; i < 8; i++) {
        multiply(&power, &first);
        narrow_to(&power, key->power[i]);
    }
}

void crestic_poly1305_finish(
    const crestic_seal_key *key, uint64_t h[3], const uint8_t *rest, size_t n, const uint8_t pad[16],
    uint8_t mac[16]) {
    if (n > 0) {
        uint8_t block[16] = {0};
        memcpy(block, rest, n);
        block[n] = 1;
        narrow sum = narrow_from(h), r = narrow_from(key->power[0]);
        add_block(&sum, block, 0);
        multiply(&sum, &r);
        narrow_to(&sum, h);
    }
    // Twice around, after which the sum is below 2^130.
    uint64_t h0 = h[0], h1 = h[1], h2 = h[2];
    for (int i = 0; i < 2; i++) {
        h1 += h0 >> 44, h0 &= MASK44;
        h2 += h1 >> 44, h1 &= MASK44;
        h0 += 5 * (h2 >> 42), h2 &= MASK42;
    }
    h1 += h0 >> 44, h0 &= MASK44;
    h2 += h1 >> 44, h1 &= MASK44;
    // The sum less 2^130 - 5, if that is not negative: chosen without a branch.
    uint64_t g0 = h0 + 5, g1 = h1 + (g0 >> 44), g2 = h2 + (g1 >> 44);
    uint64_t reduced = 0 - (g2 >> 42 & 1);
    h0 = (h0 & ~reduced) | (g0 & MASK44 & reduced);
    h1 = (h1 & ~reduced) | (g1 & MASK44 & reduced);
    h2 = (h2 & ~reduced) | (g2 & MASK42 & reduced);
    uint64_t low = h0 | h1 << 44, top = h1 >> 20 | h2 << 24;
    uint64_t sum = low + load64(pad);
    store64(mac, sum);
    store64(mac + 8, top + load64(pad + 8) + (sum < low));
}
