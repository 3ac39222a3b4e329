extension JSONValue {
    /// Whether both mean the same: as `==`, but numbers compare by value, so that `1`, `1.0` and `10e-1` are one.
    /// Source: RFC 6902, section 4.6.
    package func isEquivalent(to other: JSONValue) -> Bool {
        switch (self, other) {
        case (.number(let left), .number(let right)): left.isEquivalent(to: right)
        case (.array(let left), .array(let right)):
            left.count == right.count && zip(left, right).allSatisfy { $0.isEquivalent(to: $1) }
        case (.object(let left), .object(let right)):
            left.count == right.count
                && left.allSatisfy { key, value in right[key].map { value.isEquivalent(to: $0) } ?? false }
        default: self == other
        }
    }

    /// How many values this is made of, itself included.
    package var valueCount: Int {
        switch self {
        case .array(let elements): elements.reduce(1) { $0 + $1.valueCount }
        case .object(let members): members.values.reduce(1) { $0 + $1.valueCount }
        default: 1
        }
    }
}

extension JSONNumber {
    /// Whether both spell the same number, exactly, whatever their size.
    package func isEquivalent(to other: JSONNumber) -> Bool {
        if text == other.text { return true }
        guard let left = normalized, let right = other.normalized else { return false }
        return left == right
    }

    /// Significant digits without zeros at either end, the power of ten of the last of them, and the sign. Nil if the
    /// exponent itself is beyond 64 bits, where only equal spelling counts as equal.
    private var normalized: Normalized? {
        var digits: [UInt8] = []
        var exponent = 0
        var isFraction = false
        var rest = Substring(text).utf8
        let isNegative = rest.first == UInt8(ascii: "-")
        if isNegative { rest.removeFirst() }
        while let byte = rest.popFirst() {
            switch byte {
            case UInt8(ascii: "."): isFraction = true
            case UInt8(ascii: "e"), UInt8(ascii: "E"):
                guard let written = Int(Substring(rest)),
                    case let (sum, overflow) = exponent.addingReportingOverflow(written), !overflow
                else { return nil }
                exponent = sum
                rest = Substring("").utf8
            default:
                digits.append(byte)
                if isFraction { exponent -= 1 }
            }
        }
        while digits.last == UInt8(ascii: "0") {
            digits.removeLast()
            exponent += 1
        }
        let significant = digits.drop { $0 == UInt8(ascii: "0") }
        if significant.isEmpty { return Normalized(digits: [], exponent: 0, isNegative: false) }
        return Normalized(digits: Array(significant), exponent: exponent, isNegative: isNegative)
    }

    private struct Normalized: Hashable {
        let digits: [UInt8]
        let exponent: Int
        let isNegative: Bool
    }
}
