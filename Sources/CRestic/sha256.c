// SHA-256 in plain C, and what all implementations of its block function share: padding, growing hashes, pairs.

#include "kernels.h"
#include "sha256_constants.h"

static inline uint32_t rotate(uint32_t x, int n) { return x >> n | x << (32 - n); }

/// One round. The eight words keep their places; what changes is which of them is called a, b, ... h.
#define ROUND(a, b, c, d, e, f, g, h, i) \
    do { \
        uint32_t s1 = rotate(e, 6) ^ rotate(e, 11) ^ rotate(e, 25); \
        uint32_t t1 = h + s1 + (g ^ (e & (f ^ g))) + crestic_sha256_constants[r + i] + w[i]; \
        uint32_t s0 = rotate(a, 2) ^ rotate(a, 13) ^ rotate(a, 22); \
        d += t1; \
        h = t1 + s0 + ((a & b) | (c & (a | b))); \
    } while (0)

void crestic_sha256_blocks_portable(uint32_t state[8], const uint8_t *in, size_t blocks) {
    for (; blocks > 0; blocks--, in += 64) {
        uint32_t a = state[0], b = state[1], c = state[2], d = state[3];
        uint32_t e = state[4], f = state[5], g = state[6], h = state[7];
        // The last 16 words of the message schedule.
        uint32_t w[16];
        for (int i = 0; i < 16; i++) w[i] = load32_big(in + 4 * i);
        for (int r = 0; r < 64; r += 16) {
            for (int i = 0; r > 0 && i < 16; i++) {
                uint32_t near = w[(i + 1) & 15], far = w[(i + 14) & 15];
                uint32_t s0 = rotate(near, 7) ^ rotate(near, 18) ^ near >> 3;
                uint32_t s1 = rotate(far, 17) ^ rotate(far, 19) ^ far >> 10;
                w[i] += s0 + w[(i + 9) & 15] + s1;
            }
            ROUND(a, b, c, d, e, f, g, h, 0);
            ROUND(h, a, b, c, d, e, f, g, 1);
            ROUND(g, h, a, b, c, d, e, f, 2);
            ROUND(f, g, h, a, b, c, d, e, 3);
            ROUND(e, f, g, h, a, b, c, d, 4);
            ROUND(d, e, f, g, h, a, b, c, 5);
            ROUND(c, d, e, f, g, h, a, b, 6);
            ROUND(b, c, d, e, f, g, h, a, 7);
            ROUND(a, b, c, d, e, f, g, h, 8);
            ROUND(h, a, b, c, d, e, f, g, 9);
            ROUND(g, h, a, b, c, d, e, f, 10);
            ROUND(f, g, h, a, b, c, d, e, 11);
            ROUND(e, f, g, h, a, b, c, d, 12);
            ROUND(d, e, f, g, h, a, b, c, 13);
            ROUND(c, d, e, f, g, h, a, b, 14);
            ROUND(b, c, d, e, f, g, h, a, 15);
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

/// Hashes the streams side by side in `lanes` lanes, at least as many, until one of them ends; returns how many are
/// left, which are moved to the front. Lanes without a stream of their own repeat another one.
static size_t run_lanes(crestic_sha256_lanes *run, size_t lanes, stream *active[], size_t count, uint8_t (*out)[32]) {
    uint32_t *state[CRESTIC_SHA256_MANY], unused[CRESTIC_SHA256_MANY][8];
    const uint8_t *next[CRESTIC_SHA256_MANY];
    size_t blocks = active[0]->blocks, left = 0;
    for (size_t i = 0; i < lanes; i++) {
        stream *s = active[i < count ? i : 0];
        state[i] = i < count ? s->state : unused[i];
        if (i >= count) memset(unused[i], 0, sizeof unused[i]);
        next[i] = s->next;
        if (s->blocks < blocks) blocks = s->blocks;
    }
    run(state, next, blocks);
    for (size_t i = 0; i < count; i++) {
        if (advance(active[i], blocks))
            write_state(active[i]->state, out[active[i]->message]);
        else
            active[left++] = active[i];
    }
    return left;
}

/// Hashes the streams two at a time, the next one as soon as one has ended; the last one alone.
static void run_pairs(const crestic_kernels *kernels, stream *active[], size_t count, uint8_t (*out)[32]) {
    while (count > 1 && kernels->sha256_two != NULL) {
        stream *a = active[0], *b = active[1];
        size_t blocks = a->blocks < b->blocks ? a->blocks : b->blocks;
        kernels->sha256_two(a->state, a->next, b->state, b->next, blocks);
        for (size_t i = 2; i-- > 0;) {
            if (!advance(active[i], blocks)) continue;
            write_state(active[i]->state, out[active[i]->message]);
            // The longest of those that wait takes its place.
            count--;
            memmove(active + i, active + i + 1, (count - i) * sizeof *active);
        }
    }
    for (size_t i = 0; i < count; i++) {
        size_t blocks;
        do {
            blocks = active[i]->blocks;
            kernels->sha256_blocks(active[i]->state, active[i]->next, blocks);
        } while (!advance(active[i], blocks));
        write_state(active[i]->state, out[active[i]->message]);
    }
}

void crestic_sha256_many(const uint8_t *const in[], const size_t n[], size_t count, uint8_t (*out)[32]) {
    const crestic_kernels *kernels = crestic_active();
    if (count > CRESTIC_SHA256_MANY) count = CRESTIC_SHA256_MANY;
    stream streams[CRESTIC_SHA256_MANY], *active[CRESTIC_SHA256_MANY];
    for (size_t i = 0; i < count; i++) {
        start(&streams[i], in[i], n[i], i);
        // The longest first, so that little is left to be hashed alone.
        size_t place = i;
        for (; place > 0 && n[active[place - 1]->message] < n[i]; place--) active[place] = active[place - 1];
        active[place] = &streams[i];
    }
    while (count > 8 && kernels->sha256_sixteen != NULL)
        count = run_lanes(kernels->sha256_sixteen, 16, active, count, out);
    while (count > 8 && kernels->sha256_eight != NULL) {
        // Eight of them, and later the rest.
        size_t left = run_lanes(kernels->sha256_eight, 8, active + count - 8, 8, out);
        count -= 8 - left;
    }
    while (count > 2 && kernels->sha256_eight != NULL)
        count = run_lanes(kernels->sha256_eight, 8, active, count, out);
    run_pairs(kernels, active, count, out);
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
