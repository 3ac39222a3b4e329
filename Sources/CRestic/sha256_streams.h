// SHA-256 of one stream and of two by a processor's SHA-256 instructions. Included once for each kind of processor, with
//   SHA                    the processor features
//   VECTOR, ADD            four words, and their sums
//   lanes                  a type with half[2], the state in two registers, and the last words of the message schedule
//   load_state, store_state, four_rounds
//   ONE, TWO               the names of the functions
//
// One stream waits for itself: each step of a block needs the one before it. A second stream beside it fills the gaps.

SHA void ONE(uint32_t state[8], const uint8_t *in, size_t blocks) {
    lanes s;
    load_state(&s, state);
    for (; blocks > 0; blocks--, in += 64) {
        VECTOR first = s.half[0], second = s.half[1];
#pragma clang loop unroll(full)
        for (int i = 0; i < 16; i++) four_rounds(&s, in, i);
        s.half[0] = ADD(s.half[0], first);
        s.half[1] = ADD(s.half[1], second);
    }
    store_state(&s, state);
}

SHA void TWO(uint32_t first[8], const uint8_t *firstIn, uint32_t second[8], const uint8_t *secondIn, size_t blocks) {
    lanes a, b;
    load_state(&a, first);
    load_state(&b, second);
    for (; blocks > 0; blocks--, firstIn += 64, secondIn += 64) {
        VECTOR a0 = a.half[0], a1 = a.half[1], b0 = b.half[0], b1 = b.half[1];
#pragma clang loop unroll(full)
        for (int i = 0; i < 16; i++) {
            four_rounds(&a, firstIn, i);
            four_rounds(&b, secondIn, i);
        }
        a.half[0] = ADD(a.half[0], a0);
        a.half[1] = ADD(a.half[1], a1);
        b.half[0] = ADD(b.half[0], b0);
        b.half[1] = ADD(b.half[1], b1);
    }
    store_state(&a, first);
    store_state(&b, second);
}
