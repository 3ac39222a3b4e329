import MartletTestSupport
import ResticFormat
import Testing

@Suite struct PolynomialTests {
    @Test func `arithmetic as published`() {
        let product = Polynomial(bits: 0x1230).multiplied(by: Polynomial(bits: 0x230), modulo: Polynomial(bits: 0x55))
        #expect(product == Polynomial(bits: 0x22))
        let large = Polynomial(bits: 0x0EAE_8C07_DBBB_3026).multiplied(
            by: Polynomial(bits: 0xD5D6_DB9D_E047_71DE), modulo: Polynomial(bits: 0xDD2B_DA3B_77C9))
        #expect(large == Polynomial(bits: 0x425A_E859_5B7A))
        let divisor = Polynomial(bits: 0x230D_2259_DEFD).greatestCommonDivisor(with: Polynomial(bits: 0x51B4_92B3_EFF2))
        #expect(divisor == Polynomial(bits: 0x13))
    }

    @Test func `irreducible ones are told from others`() {
        for bits: UInt64 in [0x3DA3_358B_4DC1_73, 0x2482_734C_ACCA_49, 0x25B4_6883_8DCB_75, 0b10, 0b111] {
            #expect(Polynomial(bits: bits).isIrreducible, "\(bits)")
        }
        for bits: UInt64 in [0x38F1_E565_E288_DF, 0x30A8_295B_9D5C_91, 0x255F_4350_B962_CB, 0, 1, 0b101, 0b110] {
            #expect(!Polynomial(bits: bits).isIrreducible, "\(bits)")
        }
    }

    /// Counted by sieving: the products of all smaller polynomials.
    @Test func `of every degree up to 10 the right number is irreducible`() {
        let counts = (1...10).map { degree in
            ((1 << UInt64(degree))..<(2 << UInt64(degree))).count { Polynomial(bits: UInt64($0)).isIrreducible }
        }
        #expect(counts == [2, 1, 2, 3, 6, 9, 18, 30, 56, 99])
    }

    @Test func `drawn ones are irreducible and have degree 53`() throws {
        var generator = SeededGenerator(seed: 7)
        for _ in 0..<5 {
            let polynomial = try Polynomial(using: &generator)
            #expect(polynomial.degree == 53 && polynomial.isIrreducible)
            #expect(Polynomial(polynomial.description) == polynomial)
            #expect(polynomial.description.utf8.count == 14)
        }
        var constant = Constant()
        #expect(Sample.code { _ = try Polynomial(using: &constant) } == .unusableKey)
    }

    @Test func `only hexadecimal is read`() {
        for text in ["", "0x12", "-1", "+1", "g", "12345678901234567", " 1"] { #expect(Polynomial(text) == nil) }
    }
}

private struct Constant: RandomNumberGenerator {
    mutating func next() -> UInt64 { 0 }
}
