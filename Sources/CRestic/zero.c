// Whether bytes are all zero, in plain C.

#include "kernels.h"

int crestic_is_zero_portable(const uint8_t *bytes, size_t n) {
    while (n >= 64) {
        uint64_t words[8];
        memcpy(words, bytes, 64);
        uint64_t any = words[0] | words[1] | words[2] | words[3] | words[4] | words[5] | words[6] | words[7];
        if (any != 0) return 0;
        bytes += 64, n -= 64;
    }
    uint8_t any = 0;
    for (size_t i = 0; i < n; i++) any |= bytes[i];
    return any == 0;
}

int crestic_is_zero(const uint8_t *bytes, size_t n) { return crestic_active()->is_zero(bytes, n); }
