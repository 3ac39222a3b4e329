// AES with the instructions of x86: 8 blocks at a time in 128-bit registers, 16 in 256-bit ones, 32 in 512-bit ones.

#include "kernels.h"

#if CRESTIC_X86

#include <immintrin.h>

#include "x86.h"

#define AES TARGET("aes,sse4.1,ssse3")
#define VAES256 TARGET("vaes,aes,avx2")
#define VAES512 TARGET("vaes,aes,avx512f,avx512bw,avx512vl,avx512dq")
#define UNROLL _Pragma("clang loop unroll(full)")

/// Turns counters, two little-endian words with the lower one first, into big-endian blocks, and back.
#define SWAP _mm_set_epi64x(0x0001020304050607, 0x08090a0b0c0d0e0f)

AES void crestic_aes128_block_ni(const crestic_seal_key *key, const uint8_t in[16], uint8_t out[16]) {
    const __m128i *keys = (const __m128i *)key->mac;
    __m128i block = _mm_xor_si128(_mm_loadu_si128((const __m128i *)in), _mm_loadu_si128(keys));
    for (int i = 1; i < 10; i++) block = _mm_aesenc_si128(block, _mm_loadu_si128(keys + i));
    _mm_storeu_si128((__m128i *)out, _mm_aesenclast_si128(block, _mm_loadu_si128(keys + 10)));
}

static AES void run_ni(
    const crestic_seal_key *key, uint64_t high, uint64_t low, const uint8_t *in, size_t n, uint8_t *out) {
    const __m128i swap = SWAP, one = _mm_set_epi64x(0, 1);
    __m128i counter = _mm_set_epi64x((long long)high, (long long)low), keys[15];
    for (int i = 0; i < 15; i++) keys[i] = _mm_loadu_si128((const __m128i *)key->encrypt + i);
    for (; n >= 128; n -= 128, in += 128, out += 128) {
        __m128i b[8];
        UNROLL for (int j = 0; j < 8; j++) {
            b[j] = _mm_xor_si128(_mm_shuffle_epi8(counter, swap), keys[0]);
            counter = _mm_add_epi64(counter, one);
        }
        UNROLL for (int i = 1; i < 14; i++) {
            UNROLL for (int j = 0; j < 8; j++) b[j] = _mm_aesenc_si128(b[j], keys[i]);
        }
        UNROLL for (int j = 0; j < 8; j++) {
            __m128i stream = _mm_aesenclast_si128(b[j], keys[14]);
            __m128i text = _mm_loadu_si128((const __m128i *)in + j);
            _mm_storeu_si128((__m128i *)out + j, _mm_xor_si128(text, stream));
        }
    }
    while (n > 0) {
        __m128i b = _mm_xor_si128(_mm_shuffle_epi8(counter, swap), keys[0]);
        counter = _mm_add_epi64(counter, one);
        for (int i = 1; i < 14; i++) b = _mm_aesenc_si128(b, keys[i]);
        b = _mm_aesenclast_si128(b, keys[14]);
        if (n < 16) {
            uint8_t stream[16];
            _mm_storeu_si128((__m128i *)stream, b);
            for (size_t i = 0; i < n; i++) out[i] = in[i] ^ stream[i];
            return;
        }
        _mm_storeu_si128((__m128i *)out, _mm_xor_si128(_mm_loadu_si128((const __m128i *)in), b));
        n -= 16, in += 16, out += 16;
    }
}

void crestic_aes256_ctr_ni(
    const crestic_seal_key *key, uint8_t counter[16], const uint8_t *in, size_t n, uint8_t *out) {
    counter_runs(run_ni, key, counter, in, n, out);
}

static VAES256 void run_vaes256(
    const crestic_seal_key *key, uint64_t high, uint64_t low, const uint8_t *in, size_t n, uint8_t *out) {
    const __m256i swap = _mm256_broadcastsi128_si256(SWAP), two = _mm256_set_epi64x(0, 2, 0, 2);
    long long h = (long long)high;
    __m256i counter = _mm256_set_epi64x(h, (long long)(low + 1), h, (long long)low), keys[15];
    for (int i = 0; i < 15; i++)
        keys[i] = _mm256_broadcastsi128_si256(_mm_loadu_si128((const __m128i *)key->encrypt + i));
    for (; n >= 256; n -= 256, in += 256, out += 256, low += 16) {
        __m256i b[8];
        UNROLL for (int j = 0; j < 8; j++) {
            b[j] = _mm256_xor_si256(_mm256_shuffle_epi8(counter, swap), keys[0]);
            counter = _mm256_add_epi64(counter, two);
        }
        UNROLL for (int i = 1; i < 14; i++) {
            UNROLL for (int j = 0; j < 8; j++) b[j] = _mm256_aesenc_epi128(b[j], keys[i]);
        }
        UNROLL for (int j = 0; j < 8; j++) {
            __m256i stream = _mm256_aesenclast_epi128(b[j], keys[14]);
            __m256i text = _mm256_loadu_si256((const __m256i *)in + j);
            _mm256_storeu_si256((__m256i *)out + j, _mm256_xor_si256(text, stream));
        }
    }
    if (n > 0) run_ni(key, high, low, in, n, out);
}

void crestic_aes256_ctr_vaes256(
    const crestic_seal_key *key, uint8_t counter[16], const uint8_t *in, size_t n, uint8_t *out) {
    counter_runs(run_vaes256, key, counter, in, n, out);
}

static VAES512 void run_vaes512(
    const crestic_seal_key *key, uint64_t high, uint64_t low, const uint8_t *in, size_t n, uint8_t *out) {
    const __m512i swap = _mm512_broadcast_i32x4(SWAP), four = _mm512_broadcast_i32x4(_mm_set_epi64x(0, 4));
    __m512i counter = _mm512_add_epi64(
        _mm512_broadcast_i32x4(_mm_set_epi64x((long long)high, (long long)low)),
        _mm512_set_epi64(0, 3, 0, 2, 0, 1, 0, 0));
    __m512i keys[15];
    UNROLL for (int i = 0; i < 15; i++)
        keys[i] = _mm512_broadcast_i32x4(_mm_loadu_si128((const __m128i *)key->encrypt + i));
    for (; n >= 512; n -= 512, in += 512, out += 512) {
        __m512i b[8];
        UNROLL for (int j = 0; j < 8; j++) {
            b[j] = _mm512_xor_si512(_mm512_shuffle_epi8(counter, swap), keys[0]);
            counter = _mm512_add_epi64(counter, four);
        }
        UNROLL for (int i = 1; i < 14; i++) {
            UNROLL for (int j = 0; j < 8; j++) b[j] = _mm512_aesenc_epi128(b[j], keys[i]);
        }
        UNROLL for (int j = 0; j < 8; j++) {
            __m512i stream = _mm512_aesenclast_epi128(b[j], keys[14]);
            _mm512_storeu_si512(out + 64 * j, _mm512_xor_si512(_mm512_loadu_si512(in + 64 * j), stream));
        }
    }
    while (n > 0) {
        __m512i b = _mm512_xor_si512(_mm512_shuffle_epi8(counter, swap), keys[0]);
        counter = _mm512_add_epi64(counter, four);
        UNROLL for (int i = 1; i < 14; i++) b = _mm512_aesenc_epi128(b, keys[i]);
        b = _mm512_aesenclast_epi128(b, keys[14]);
        size_t length = n < 64 ? n : 64;
        __mmask64 some = ~0ull >> (64 - length);
        _mm512_mask_storeu_epi8(out, some, _mm512_xor_si512(_mm512_maskz_loadu_epi8(some, in), b));
        n -= length, in += length, out += length;
    }
}

void crestic_aes256_ctr_vaes512(
    const crestic_seal_key *key, uint8_t counter[16], const uint8_t *in, size_t n, uint8_t *out) {
    counter_runs(run_vaes512, key, counter, in, n, out);
}

#endif
