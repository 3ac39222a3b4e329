/// The text form of durations in velero.io objects. Source: Go package `time`, `ParseDuration` and `Duration.String`.
package enum GoDuration {
    /// Reads `720h0m0s`, `1h30m`, `500ms`, `1.5s`, `-2m`, `0`. Nil for anything else and for what does not fit 64 bits
    /// of nanoseconds (292 years). Digits below a nanosecond are dropped.
    package static func parse(_ text: String) -> Duration? {
        var rest = text.utf8[...]
        let isNegative = rest.first == UInt8(ascii: "-")
        if isNegative || rest.first == UInt8(ascii: "+") { rest.removeFirst() }
        if rest.elementsEqual("0".utf8) { return .zero }
        guard !rest.isEmpty else { return nil }
        var total: UInt64 = 0
        while !rest.isEmpty {
            guard let term = term(&rest) else { return nil }
            let (sum, overflow) = total.addingReportingOverflow(term)
            guard !overflow, sum <= UInt64(Int64.max) else { return nil }
            total = sum
        }
        return .nanoseconds(isNegative ? -Int64(total) : Int64(total))
    }

    /// One number with its unit, in nanoseconds.
    private static func term(_ rest: inout Substring.UTF8View) -> UInt64? {
        var whole: UInt64 = 0
        var fraction: UInt64 = 0
        var scale: UInt64 = 1
        var digits = 0
        var seenPoint = false
        while let byte = rest.first {
            if byte == UInt8(ascii: "."), !seenPoint {
                seenPoint = true
            } else if (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) {
                digits += 1
                let digit = UInt64(byte - UInt8(ascii: "0"))
                if !seenPoint {
                    let (product, overflow) = whole.multipliedReportingOverflow(by: 10)
                    let (sum, carry) = product.addingReportingOverflow(digit)
                    guard !overflow, !carry else { return nil }
                    whole = sum
                } else if scale < 1_000_000_000_000 {
                    fraction = fraction * 10 + digit
                    scale *= 10
                }
            } else {
                break
            }
            rest.removeFirst()
        }
        guard digits > 0, let unit = unit(&rest) else { return nil }
        let (nanoseconds, overflow) = whole.multipliedReportingOverflow(by: unit)
        guard !overflow else { return nil }
        let part = UInt64((Double(fraction) / Double(scale) * Double(unit)).rounded(.down))
        let (sum, carry) = nanoseconds.addingReportingOverflow(part)
        return carry ? nil : sum
    }

    private static func unit(_ rest: inout Substring.UTF8View) -> UInt64? {
        let name = rest.prefix { $0 != UInt8(ascii: ".") && !(UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
        rest = rest[name.endIndex...]
        switch String(Substring(name)) {
        case "ns": return 1
        case "us", "\u{B5}s", "\u{3BC}s": return 1_000
        case "ms": return 1_000_000
        case "s": return 1_000_000_000
        case "m": return 60_000_000_000
        case "h": return 3_600_000_000_000
        default: return nil
        }
    }

    /// As Go prints it: `0s`, `500ms`, `1m30s`, `720h0m0s`.
    package static func text(_ span: Duration) -> String {
        let (seconds, attoseconds) = span.components
        let isNegative = seconds < 0 || attoseconds < 0
        let sign = isNegative ? "-" : ""
        let nanoseconds = (attoseconds / 1_000_000_000).magnitude
        let total = seconds.magnitude
        if total == 0 {
            switch nanoseconds {
            case 0: return "0s"
            case ..<1_000: return "\(sign)\(nanoseconds)ns"
            case ..<1_000_000: return sign + decimal(nanoseconds, unit: 1_000) + "\u{B5}s"
            case ..<1_000_000_000: return sign + decimal(nanoseconds, unit: 1_000_000) + "ms"
            default: break
            }
        }
        let rest = decimal(total % 60 * 1_000_000_000 + nanoseconds, unit: 1_000_000_000) + "s"
        if total < 60 { return sign + rest }
        if total < 3600 { return "\(sign)\(total / 60)m\(rest)" }
        return "\(sign)\(total / 3600)h\(total / 60 % 60)m\(rest)"
    }

    /// `value / unit` with as many decimals as needed.
    private static func decimal(_ value: UInt64, unit: UInt64) -> String {
        var text = String(value / unit)
        var rest = value % unit
        if rest > 0 { text += "." }
        while rest > 0 {
            rest *= 10
            text += String(rest / unit)
            rest %= unit
        }
        return text
    }
}
