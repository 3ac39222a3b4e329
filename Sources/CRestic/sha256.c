// SHA-256 in plain C, and what all implementations of its block function share: padding, growing hashes, pairs.

#include "kernels.h"
#include "sha256_constants.h"

static inline uint32_t rotate(uint32_t x, int n) { return x >> n | x << (32 - n); }

void crestic_sha256_blocks_portable(uint32_t state[8], const uint8_t *in, size_t blocks) {
    for (; blocks > 0; blocks--, in += 64) {
        uint32_t w[64];
        for (int i = 0; i < 16; i++) w[i] = load32_big(in + 4 * i);
        for (int i = 16; i < 64; i++) {
            uint32_t s0 = rotate(w[i - 15], 7) ^ rotate(w[i - 15], 18) ^ w[i - 15] >> 3;
            uint32_t s1 = rotate(w[i - 2], 17) ^ rotate(w[i - 2], 19) ^ w[i - 2] >> 10;
            w[i] = w[i - 16] + s0 + w[i - 7] + s1;
        }
        uint32_t a = state[0], b = state[1], c = state[2], d = state[3];
        uint32_t e = state[4], f = state[5], g = state[6], h = state[7];
        for (int i = 0; i < 64; i++) {
            uint32_t s1 = rotate(e, 6) ^ rotate(e, 11) ^ rotate(e, 25);
            uint32_t t1 = h + s1 + ((e & f) ^ (~e & g)) + crestic_sha256_constants[i] + w[i];
            uint32_t s0 = rotate(a, 2) ^ rotate(a, 13) ^ rotate(a, 22);
            uint32_t t2 = s0 + ((a & b) ^ (a & c) ^ (b & c));
            h = g, g = f, f = e, e = d + t1, d = c, c = b, b = a, a = t1 + t2;
        }
        state[0] += a, state[1] += b, state[2] += c, state[3] += d;
        state[4] += e, state[5] += f, state[6] += g, state[7] += h;
    }
}

static const uint32_t initial[8] = {
    0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a, 0x510e527f, 0x9b05688c,
    0x1f83d9ab, 0x5be0cd19};

/// Writes the last bytes of a message of `total` bytes with their padding; returns the blocks, 1 or 2.
static size_t pad(const uint8_t *rest, size_t length, uint64_t total, uint8_t out[128]) {
    size_t blocks = length < 56 ? 1 : 2;
    memset(out, 0, 64 * blocks);
    if (length > 0) memcpy(out, rest, length);
    out[length] = 0x80;
    store64_big(out + 64 * blocks - 8, total << 3);
    return blocks;
}

static void write_state(const uint32_t state[8], uint8_t out[32]) {
    for (int i = 0; i < 8; i++) store32_big(out + 4 * i, state[i]);
}

void crestic_sha256(const uint8_t *in, size_t n, uint8_t out[32]) {
    const crestic_kernels *kernels = crestic_active();
    uint32_t state[8];
    memcpy(state, initial, sizeof state);
    size_t whole = n / 64;
    if (whole > 0) kernels->sha256_blocks(state, in, whole);
    uint8_t tail[128];
    kernels->sha256_blocks(state, tail, pad(whole > 0 ? in + 64 * whole : in, n % 64, n, tail));
    write_state(state, out);
}

/// A message on its way: first its whole blocks, then its padded end.
typedef struct {
    uint32_t state[8];
    const uint8_t *next;
    size_t blocks, tailBlocks, message;
    uint8_t tail[128];
} stream;

static void start(stream *s, const uint8_t *in, size_t n, size_t message) {
    memcpy(s->state, initial, sizeof s->state);
    s->message = message;
    s->next = in;
    s->blocks = n / 64;
    s->tailBlocks = pad(s->blocks > 0 ? in + 64 * s->blocks : in, n % 64, n, s->tail);
    if (s->blocks == 0) s->next = s->tail, s->blocks = s->tailBlocks, s->tailBlocks = 0;
}

/// Takes `blocks` blocks off; returns whether the message has ended.
static int advance(stream *s, size_t blocks) {
    s->next += 64 * blocks;
    s->blocks -= blocks;
    if (s->blocks > 0) return 0;
    if (s->tailBlocks == 0) return 1;
    s->next = s->tail, s->blocks = s->tailBlocks, s->tailBlocks = 0;
    return 0;
}

static void finish_alone(const crestic_kernels *kernels, stream *s, uint8_t (*out)[32]) {
    size_t blocks;
    do {
        blocks = s->blocks;
        kernels->sha256_blocks(s->state, s->next, blocks);
    } while (!advance(s, blocks));
    write_state(s->state, out[s->message]);
}

void crestic_sha256_many(const uint8_t *const in[], const size_t n[], size_t count, uint8_t (*out)[32]) {
    const crestic_kernels *kernels = crestic_active();
    if (count > CRESTIC_SHA256_MANY) count = CRESTIC_SHA256_MANY;
    if (kernels->sha256_two == NULL || count < 2) {
        for (size_t i = 0; i < count; i++) crestic_sha256(in[i], n[i], out[i]);
        return;
    }
    // The longest first, so that little is left to be hashed alone.
    size_t order[CRESTIC_SHA256_MANY];
    for (size_t i = 0; i < count; i++) {
        size_t place = i;
        for (; place > 0 && n[order[place - 1]] < n[i]; place--) order[place] = order[place - 1];
        order[place] = i;
    }
    stream pair[2];
    start(&pair[0], in[order[0]], n[order[0]], order[0]);
    start(&pair[1], in[order[1]], n[order[1]], order[1]);
    size_t started = 2;
    for (;;) {
        size_t blocks = pair[0].blocks < pair[1].blocks ? pair[0].blocks : pair[1].blocks;
        kernels->sha256_two(pair[0].state, pair[0].next, pair[1].state, pair[1].next, blocks);
        int ended[2] = {advance(&pair[0], blocks), advance(&pair[1], blocks)};
        for (int i = 0; i < 2; i++) {
            if (!ended[i]) continue;
            write_state(pair[i].state, out[pair[i].message]);
            if (started == count) continue;
            size_t next = order[started++];
            start(&pair[i], in[next], n[next], next);
            ended[i] = 0;
        }
        if (ended[0] && ended[1]) return;
        if (ended[0] || ended[1]) return finish_alone(kernels, &pair[ended[0] ? 1 : 0], out);
    }
}

void crestic_sha256_init(crestic_sha256_context *context) {
    memset(context, 0, sizeof *context);
    memcpy(context->state, initial, sizeof context->state);
}

void crestic_sha256_update(crestic_sha256_context *context, const uint8_t *in, size_t n) {
    if (n == 0) return;
    const crestic_kernels *kernels = crestic_active();
    context->total += n;
    if (context->pendingLength > 0) {
        size_t room = 64 - context->pendingLength, taken = n < room ? n : room;
        memcpy(context->pending + context->pendingLength, in, taken);
        context->pendingLength += (uint32_t)taken;
        in += taken, n -= taken;
        if (context->pendingLength < 64) return;
        kernels->sha256_blocks(context->state, context->pending, 1);
    }
    if (n >= 64) kernels->sha256_blocks(context->state, in, n / 64);
    context->pendingLength = (uint32_t)(n % 64);
    if (context->pendingLength > 0) memcpy(context->pending, in + n / 64 * 64, context->pendingLength);
}

void crestic_sha256_final(crestic_sha256_context *context, uint8_t out[32]) {
    uint8_t tail[128];
    size_t blocks = pad(context->pending, context->pendingLength, context->total, tail);
    crestic_active()->sha256_blocks(context->state, tail, blocks);
    write_state(context->state, out);
}
