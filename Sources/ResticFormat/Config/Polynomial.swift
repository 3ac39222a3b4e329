/// A polynomial over GF(2): bit i is the coefficient of x^i. A repository's decides where files are cut.
package struct Polynomial: Sendable, Hashable, CustomStringConvertible {
    package let bits: UInt64

    /// The degree that repositories use.
    package static let repositoryDegree = 53

    package init(bits: UInt64) { self.bits = bits }

    /// Lower-case hexadecimal as in the config; nil for anything else.
    package init?(_ hex: some StringProtocol) {
        guard !hex.isEmpty, hex.utf8.count <= 16,
            hex.utf8.allSatisfy({ $0 != UInt8(ascii: "+") && $0 != UInt8(ascii: "-") }),
            let bits = UInt64(hex, radix: 16)
        else { return nil }
        self.bits = bits
    }

    /// Hexadecimal without leading zeros.
    package var description: String { String(bits, radix: 16) }

    /// -1 for the zero polynomial.
    package var degree: Int { 63 - bits.leadingZeroBitCount }

    /// Draws an irreducible polynomial of degree 53; about 27 draws.
    /// - Throws: `unusableKey` if a million draws of `generator` give none.
    package init(using generator: inout some RandomNumberGenerator) throws(FormatError) {
        for _ in 0..<1_000_000 {
            let candidate = Polynomial(bits: generator.next() & (1 << 54 - 1) | 1 << 53 | 1)
            if candidate.isIrreducible {
                self = candidate
                return
            }
        }
        throw FormatError(
            .unusableKey, "no irreducible polynomial in a million draws: the random numbers are not random")
    }

    /// Ben-Or's test: no factor of a degree up to half of one's own.
    package var isIrreducible: Bool {
        guard degree >= 1 else { return false }
        guard degree >= 2 else { return true }
        var power = Polynomial(bits: 2)
        for _ in 0..<(degree / 2) {
            power = power.multiplied(by: power, modulo: self)
            // x^(2^i) - x
            let difference = Polynomial(bits: power.bits ^ 2)
            if greatestCommonDivisor(with: difference) != Polynomial(bits: 1) { return false }
        }
        return true
    }

    /// - Precondition: `modulus` is not zero.
    package func multiplied(by other: Polynomial, modulo modulus: Polynomial) -> Polynomial {
        var product: UInt128 = 0
        for bit in 0..<64 where other.bits >> UInt64(bit) & 1 == 1 { product ^= UInt128(bits) << UInt128(bit) }
        return Polynomial.remainder(product, modulus)
    }

    package func greatestCommonDivisor(with other: Polynomial) -> Polynomial {
        var (left, right) = (self, other)
        while right.bits != 0 { (left, right) = (right, Polynomial.remainder(UInt128(left.bits), right)) }
        return left
    }

    private static func remainder(_ dividend: UInt128, _ modulus: Polynomial) -> Polynomial {
        precondition(modulus.bits != 0, "division by the zero polynomial")
        var rest = dividend
        while true {
            let excess = 127 - rest.leadingZeroBitCount - modulus.degree
            if rest == 0 || excess < 0 { return Polynomial(bits: UInt64(rest)) }
            rest ^= UInt128(modulus.bits) << UInt128(excess)
        }
    }
}
