// Whether bytes are all zero, with wide registers.

#include "kernels.h"

#if CRESTIC_X86

#include <immintrin.h>

#include "x86.h"

TARGET("avx2") int crestic_is_zero_avx2(const uint8_t *bytes, size_t n) {
    for (; n >= 128; bytes += 128, n -= 128) {
        const __m256i *in = (const __m256i *)bytes;
        __m256i front = _mm256_or_si256(_mm256_loadu_si256(in), _mm256_loadu_si256(in + 1));
        __m256i back = _mm256_or_si256(_mm256_loadu_si256(in + 2), _mm256_loadu_si256(in + 3));
        __m256i any = _mm256_or_si256(front, back);
        if (!_mm256_testz_si256(any, any)) return 0;
    }
    return crestic_is_zero_portable(bytes, n);
}

TARGET("avx512f,avx512bw") int crestic_is_zero_avx512(const uint8_t *bytes, size_t n) {
    for (; n >= 256; bytes += 256, n -= 256) {
        __m512i front = _mm512_or_si512(_mm512_loadu_si512(bytes), _mm512_loadu_si512(bytes + 64));
        __m512i back = _mm512_or_si512(_mm512_loadu_si512(bytes + 128), _mm512_loadu_si512(bytes + 192));
        __m512i any = _mm512_or_si512(front, back);
        if (_mm512_test_epi64_mask(any, any) != 0) return 0;
    }
    while (n > 0) {
        size_t length = n < 64 ? n : 64;
        __m512i some = _mm512_maskz_loadu_epi8(~0ull >> (64 - length), bytes);
        if (_mm512_test_epi64_mask(some, some) != 0) return 0;
        bytes += length, n -= length;
    }
    return 1;
}

#endif
