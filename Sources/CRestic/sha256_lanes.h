// SHA-256 of as many streams as a register has words: word i of each register belongs to stream i. Included once for
// each width, with
//   VECTOR              the register's type
//   LANE_TARGET         the processor features
//   FUNCTION            the name of the function
//   ADD, AND, OR, XOR   of two registers
//   XOR3, CHOOSE, MAJORITY  of three: (e & f) ^ (~e & g), and so on
//   ROTATE, SHIFT       to the right
//   SET, LOAD_WORDS     a word in all places; 16 words of all streams from an offset on, bytes swapped, one a register
//   LOAD_STATE, STORE_STATE  the eight words of all states

/// Sixteen rounds from `r` on; before those that follow the first, the schedule goes on.
static inline __attribute__((always_inline)) LANE_TARGET void sixteen_rounds(VECTOR s[8], VECTOR w[16], int r) {
    UNROLL for (int i = 0; i < 16; i++) {
        if (r > 0) {
            VECTOR near = w[(i + 1) & 15], far = w[(i + 14) & 15];
            VECTOR s0 = XOR3(ROTATE(near, 7), ROTATE(near, 18), SHIFT(near, 3));
            VECTOR s1 = XOR3(ROTATE(far, 17), ROTATE(far, 19), SHIFT(far, 10));
            w[i] = ADD(ADD(w[i], s0), ADD(w[(i + 9) & 15], s1));
        }
        // a is in place -i, and so on: what a round renames, it need not move.
#define PLACE(k) s[(k + 16 - i) & 7]
        // Added in the order in which the terms are known: what depends on the last round comes last.
        VECTOR a = PLACE(0), e = PLACE(4);
        VECTOR known = ADD(PLACE(7), ADD(w[i], SET((int)crestic_sha256_constants[r + i])));
        VECTOR choice = CHOOSE(e, PLACE(5), PLACE(6)), s1 = XOR3(ROTATE(e, 6), ROTATE(e, 11), ROTATE(e, 25));
        VECTOR majority = MAJORITY(a, PLACE(1), PLACE(2)), s0 = XOR3(ROTATE(a, 2), ROTATE(a, 13), ROTATE(a, 22));
        PLACE(3) = ADD(ADD(ADD(PLACE(3), known), choice), s1);
        PLACE(7) = ADD(ADD(ADD(ADD(known, choice), s1), majority), s0);
#undef PLACE
    }
}

LANE_TARGET void FUNCTION(uint32_t *const state[], const uint8_t *const in[], size_t blocks) {
    VECTOR s[8];
    LOAD_STATE(s, state);
    for (size_t offset = 0; blocks > 0; blocks--, offset += 64) {
        VECTOR w[16], before[8];
        LOAD_WORDS(w, in, offset);
        UNROLL for (int i = 0; i < 8; i++) before[i] = s[i];
        sixteen_rounds(s, w, 0);
        for (int r = 16; r < 64; r += 16) sixteen_rounds(s, w, r);
        UNROLL for (int i = 0; i < 8; i++) s[i] = ADD(s[i], before[i]);
    }
    STORE_STATE(s, state);
}

#undef VECTOR
#undef LANE_TARGET
#undef FUNCTION
#undef ADD
#undef AND
#undef OR
#undef XOR
#undef XOR3
#undef CHOOSE
#undef MAJORITY
#undef ROTATE
#undef SHIFT
#undef SET
#undef LOAD_WORDS
#undef LOAD_STATE
#undef STORE_STATE
#undef sixteen_rounds
