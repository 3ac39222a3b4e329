/// An amount as Kubernetes writes it: `10Gi`, `500m`, `1.5`, `2e3`. Exact, to a billionth.
///
/// Equal amounts are equal however they are spelt. Source: Kubernetes API reference, "Quantity".
package struct Quantity: Sendable, Hashable, Comparable {
    /// In billionths: 2^63 of the unit and more fit.
    private let nanos: Int128

    /// Nil for anything that is no quantity, or one beyond 10^29. Fractions below a billionth are rounded away from
    /// zero, as the API server does.
    package init?(_ text: some StringProtocol) {
        var rest = Array(text.utf8)[...]
        let isNegative = rest.first == UInt8(ascii: "-")
        if isNegative || rest.first == UInt8(ascii: "+") { rest.removeFirst() }
        guard let (digits, scale) = Quantity.number(&rest), let suffix = Quantity.suffix(rest) else { return nil }
        guard let nanos = Quantity.scaled(digits, decimalPlaces: scale, by: suffix) else { return nil }
        self.nanos = isNegative ? -nanos : nanos
    }

    package init(_ whole: Int64) { nanos = Int128(whole) * 1_000_000_000 }

    package static func < (left: Quantity, right: Quantity) -> Bool { left.nanos < right.nanos }

    /// The amount in whole units, rounded away from zero; nil if it does not fit.
    package var roundedUp: Int64? {
        let (whole, rest) = nanos.quotientAndRemainder(dividingBy: 1_000_000_000)
        return Int64(exactly: rest == 0 ? whole : whole + (nanos < 0 ? -1 : 1))
    }

    private enum Suffix {
        case decimal(exponent: Int)
        case binary(shift: Int)
    }

    /// The digits before the suffix as one number, and how many of them stand after the point.
    private static func number(_ rest: inout ArraySlice<UInt8>) -> (digits: Int128, decimalPlaces: Int)? {
        var value: Int128 = 0
        var count = 0
        var places = 0
        var seenPoint = false
        while let byte = rest.first {
            if byte == UInt8(ascii: "."), !seenPoint {
                seenPoint = true
            } else if (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) {
                // 28 significant digits leave room for the billionths.
                guard value < 1_000_000_000_000_000_000_000_000_000 else { return nil }
                value = value * 10 + Int128(byte - UInt8(ascii: "0"))
                count += 1
                if seenPoint { places += 1 }
            } else {
                break
            }
            rest.removeFirst()
        }
        return count > 0 ? (value, places) : nil
    }

    private static func suffix(_ rest: ArraySlice<UInt8>) -> Suffix? {
        switch String(decoding: rest, as: UTF8.self) {
        case "": return .decimal(exponent: 0)
        case "n": return .decimal(exponent: -9)
        case "u": return .decimal(exponent: -6)
        case "m": return .decimal(exponent: -3)
        case "k": return .decimal(exponent: 3)
        case "M": return .decimal(exponent: 6)
        case "G": return .decimal(exponent: 9)
        case "T": return .decimal(exponent: 12)
        case "P": return .decimal(exponent: 15)
        case "E": return .decimal(exponent: 18)
        case "Ki": return .binary(shift: 10)
        case "Mi": return .binary(shift: 20)
        case "Gi": return .binary(shift: 30)
        case "Ti": return .binary(shift: 40)
        case "Pi": return .binary(shift: 50)
        case "Ei": return .binary(shift: 60)
        case let text:
            guard text.first == "e" || text.first == "E", let exponent = Int(text.dropFirst()),
                (-40...40).contains(exponent)
            else { return nil }
            return .decimal(exponent: exponent)
        }
    }

    private static func scaled(_ digits: Int128, decimalPlaces: Int, by suffix: Suffix) -> Int128? {
        var value = digits
        var power = 9 - decimalPlaces
        switch suffix {
        case .decimal(let exponent): power += exponent
        case .binary(let shift):
            let (product, overflow) = value.multipliedReportingOverflow(by: 1 << shift)
            guard !overflow else { return nil }
            value = product
        }
        while power > 0, value != 0 {
            let (product, overflow) = value.multipliedReportingOverflow(by: 10)
            guard !overflow else { return nil }
            value = product
            power -= 1
        }
        var dropped = false
        while power < 0, value != 0 {
            let (quotient, remainder) = value.quotientAndRemainder(dividingBy: 10)
            dropped = dropped || remainder != 0
            value = quotient
            power += 1
        }
        return dropped ? value + 1 : value
    }
}
