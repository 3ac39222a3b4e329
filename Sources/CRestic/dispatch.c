// Which implementation of each function is used: one table for each level, filled once when the program is loaded.

#include "kernels.h"

#include <stdio.h>

#if CRESTIC_X86
#include <cpuid.h>

#include "x86.h"
#endif

#if CRESTIC_ARM
#if defined(__linux__)
#include <sys/auxv.h>
#endif

#include "arm.h"
#endif

#define LEVELS 7

static crestic_kernels tables[LEVELS];
static char names[LEVELS][128];
static int highest;
static _Thread_local const crestic_kernels *forced;

/// What the name of a level is made of.
typedef struct {
    const char *sha256, *aes, *poly1305, *candidates;
} parts;

#if CRESTIC_X86

/// What the processor can do, and the system saves the registers for.
typedef struct {
    int ssse3, sse41, aes, sha, avx2, avx512, ifma, vbmi, vaes, gfni;
} features;

static features detect(void) {
    features f = {0};
    unsigned a, b, c, d;
    if (!__get_cpuid(1, &a, &b, &c, &d)) return f;
    f.ssse3 = c >> 9 & 1, f.sse41 = c >> 19 & 1, f.aes = c >> 25 & 1;
    unsigned saved = 0;
    if (c >> 27 & 1) __asm__("xgetbv" : "=a"(saved), "=d"(d) : "c"(0));
    int avx = (c >> 28 & 1) && (saved & 0x06) == 0x06, zmm = (saved & 0xe6) == 0xe6;
    if (!__get_cpuid_count(7, 0, &a, &b, &c, &d)) return f;
    f.sha = b >> 29 & 1, f.gfni = c >> 8 & 1, f.vaes = c >> 9 & 1;
    f.avx2 = avx && (b >> 5 & 1);
    // F, DQ, BW and VL.
    unsigned wanted = 1u << 16 | 1u << 17 | 1u << 30 | 1u << 31;
    f.avx512 = f.avx2 && zmm && (b & wanted) == wanted;
    f.ifma = b >> 21 & 1, f.vbmi = c >> 1 & 1;
    return f;
}

static void add_aes(crestic_kernels *k, parts *p, const features *f) {
    if (!f->aes || !f->sse41 || !f->ssse3) return;
    k->aes128_block = crestic_aes128_block_ni, k->aes256_ctr = crestic_aes256_ctr_ni;
    p->aes = "aes-ni";
}

static void add_avx2(crestic_kernels *k, parts *p, const features *f) {
    if (!f->avx2) return;
    k->is_zero = crestic_is_zero_avx2;
    k->sha256_eight = crestic_sha256_eight_avx2, p->sha256 = "avx2 x8";
}

static void add_sha(crestic_kernels *k, parts *p, const features *f) {
    if (!f->sha || !f->sse41 || !f->ssse3) return;
    k->sha256_blocks = crestic_sha256_blocks_ni, k->sha256_two = crestic_sha256_two_ni;
    // As fast as eight lanes with two streams only.
    k->sha256_eight = NULL;
    p->sha256 = "sha-ni x2";
}

static void add_galois(crestic_kernels *k, parts *p, const features *f) {
    if (!f->avx2) return;
    if (f->gfni) k->candidates = crestic_candidates_gfni256, p->candidates = "gfni-256";
    if (f->vaes && f->aes) k->aes256_ctr = crestic_aes256_ctr_vaes256, p->aes = "vaes-256";
}

static void add_avx512(crestic_kernels *k, parts *p, const features *f) {
    if (!f->avx512) return;
    k->sha256_sixteen = crestic_sha256_sixteen_avx512;
    p->sha256 = k->sha256_two != NULL ? "sha-ni x2 and avx512 x16" : "avx2 x8 and avx512 x16";
    k->is_zero = crestic_is_zero_avx512;
    if (f->vaes && f->aes) k->aes256_ctr = crestic_aes256_ctr_vaes512, p->aes = "vaes-512";
    if (f->ifma) k->poly1305_blocks = crestic_poly1305_blocks_ifma, p->poly1305 = "ifma-512";
    if (f->gfni && f->vbmi) k->candidates = crestic_candidates_gfni512, p->candidates = "gfni-512";
}

#endif

#if CRESTIC_ARM

static void add_arm(crestic_kernels *k, parts *p) {
#if defined(__linux__)
    // HWCAP_AES and HWCAP_SHA2.
    unsigned long features = getauxval(AT_HWCAP);
    int aes = features >> 3 & 1, sha = features >> 6 & 1;
#elif defined(__APPLE__)
    int aes = 1, sha = 1;
#else
    int aes = 0, sha = 0;
#endif
    if (sha) {
        k->sha256_blocks = crestic_sha256_blocks_arm, k->sha256_two = crestic_sha256_two_arm;
        p->sha256 = "armv8 x2";
    }
    if (aes) {
        k->aes128_block = crestic_aes128_block_arm, k->aes256_ctr = crestic_aes256_ctr_arm;
        p->aes = "armv8";
    }
}

#endif

static void finish_level(int level, const crestic_kernels *k, const parts *p) {
    tables[level] = *k;
    highest = level;
    snprintf(
        names[level], sizeof names[level], "sha256 %s, aes %s, poly1305 %s, chunker %s", p->sha256, p->aes,
        p->poly1305, p->candidates);
}

__attribute__((constructor)) static void fill_tables(void) {
    crestic_kernels k = {
        .sha256_blocks = crestic_sha256_blocks_portable,
        .sha256_two = NULL,
        .sha256_eight = NULL,
        .sha256_sixteen = NULL,
        .aes128_block = crestic_aes128_block_portable,
        .aes256_ctr = crestic_aes256_ctr_portable,
        .poly1305_blocks = crestic_poly1305_blocks_portable,
        .candidates = crestic_candidates_portable,
        .is_zero = crestic_is_zero_portable,
    };
    parts p = {"portable", "portable", "portable", "portable"};
    finish_level(CRESTIC_LEVEL_PORTABLE, &k, &p);
#ifdef __SIZEOF_INT128__
    k.poly1305_blocks = crestic_poly1305_blocks_wide, p.poly1305 = "128-bit x2";
#endif
    k.candidates = crestic_candidates_wide, p.candidates = "x6";
    finish_level(CRESTIC_LEVEL_WIDE, &k, &p);
#if CRESTIC_X86
    features f = detect();
    add_aes(&k, &p, &f);
    finish_level(CRESTIC_LEVEL_AES, &k, &p);
    add_avx2(&k, &p, &f);
    finish_level(CRESTIC_LEVEL_AVX2, &k, &p);
    add_sha(&k, &p, &f);
    finish_level(CRESTIC_LEVEL_SHA, &k, &p);
    add_galois(&k, &p, &f);
    finish_level(CRESTIC_LEVEL_GALOIS, &k, &p);
    add_avx512(&k, &p, &f);
    finish_level(CRESTIC_LEVEL_AVX512, &k, &p);
#elif CRESTIC_ARM
    add_arm(&k, &p);
    finish_level(CRESTIC_LEVEL_AES, &k, &p);
#endif
}

const crestic_kernels *crestic_active(void) { return forced != NULL ? forced : &tables[highest]; }

int crestic_highest_level(void) { return highest; }

const char *crestic_level_name(int level) { return level < 0 || level > highest ? "none" : names[level]; }

int crestic_force_level(int level) {
    if (level > highest) level = highest;
    forced = level < 0 ? NULL : &tables[level];
    return level < 0 ? highest : level;
}
