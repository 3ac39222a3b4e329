// Sealing and opening. The bytes go through in pieces that stay in the first-level cache between cipher and MAC.

#include "kernels.h"

/// Bytes that are encrypted, then added to the MAC, before the next ones. A multiple of 512.
#define PIECE 16384

void crestic_seal_key_init(
    crestic_seal_key *key, const uint8_t encrypt[32], const uint8_t k[16], const uint8_t r[16]) {
    crestic_aes_expand(encrypt, 8, key->encrypt);
    crestic_aes_expand(k, 4, key->mac);
    crestic_poly1305_init(key, r);
}

void crestic_clear(void *memory, size_t n) {
    if (n == 0) return;
    memset(memory, 0, n);
    __asm__ __volatile__("" : : "r"(memory) : "memory");
}

void crestic_seal(const crestic_seal_key *key, const uint8_t iv[16], const uint8_t *in, size_t n, uint8_t *out) {
    const crestic_kernels *kernels = crestic_active();
    uint8_t counter[16], pad[16];
    uint64_t sum[3] = {0};
    memcpy(counter, iv, 16);
    kernels->aes128_block(key, counter, pad);
    uint8_t *cipher = out + 16;
    size_t left = n;
    while (left >= 16) {
        size_t piece = left < PIECE ? left & ~(size_t)15 : PIECE;
        kernels->aes256_ctr(key, counter, in, piece, cipher);
        kernels->poly1305_blocks(key, sum, cipher, piece / 16);
        in += piece, cipher += piece, left -= piece;
    }
    if (left > 0) kernels->aes256_ctr(key, counter, in, left, cipher);
    crestic_poly1305_finish(key, sum, cipher, left, pad, cipher + left);
    memmove(out, iv, 16);
}

int crestic_open(const crestic_seal_key *key, const uint8_t *sealed, size_t n, uint8_t *out) {
    if (n < CRESTIC_SEAL_OVERHEAD) return 0;
    const crestic_kernels *kernels = crestic_active();
    uint8_t counter[16], pad[16], mac[16];
    uint64_t sum[3] = {0};
    memcpy(counter, sealed, 16);
    kernels->aes128_block(key, counter, pad);
    const uint8_t *cipher = sealed + 16;
    size_t length = n - CRESTIC_SEAL_OVERHEAD, whole = length / 16;
    if (whole > 0) kernels->poly1305_blocks(key, sum, cipher, whole);
    crestic_poly1305_finish(key, sum, cipher + 16 * whole, length % 16, pad, mac);
    uint8_t difference = 0;
    for (int i = 0; i < 16; i++) difference |= mac[i] ^ cipher[length + i];
    if (difference != 0) return 0;
    if (length > 0) kernels->aes256_ctr(key, counter, cipher, length, out);
    return 1;
}

int crestic_is_seal(const crestic_seal_key *key, const uint8_t *sealed, size_t n, const uint8_t *plain) {
    if (n < CRESTIC_SEAL_OVERHEAD) return 0;
    const crestic_kernels *kernels = crestic_active();
    uint8_t counter[16], pad[16], mac[16], opened[PIECE];
    uint64_t sum[3] = {0};
    memcpy(counter, sealed, 16);
    kernels->aes128_block(key, counter, pad);
    const uint8_t *cipher = sealed + 16;
    size_t left = n - CRESTIC_SEAL_OVERHEAD;
    int difference = 0;
    while (left > 0) {
        size_t piece = left < PIECE ? left : PIECE, whole = piece / 16;
        // The last bytes are added to the MAC below.
        if (whole > 0) kernels->poly1305_blocks(key, sum, cipher, whole);
        kernels->aes256_ctr(key, counter, cipher, piece, opened);
        difference |= memcmp(opened, plain, piece) != 0;
        if (left <= PIECE) break;
        cipher += piece, plain += piece, left -= piece;
    }
    crestic_poly1305_finish(key, sum, cipher + left / 16 * 16, left % 16, pad, mac);
    difference |= memcmp(mac, sealed + n - 16, 16) != 0;
    crestic_clear(opened, sizeof opened);
    return !difference;
}
