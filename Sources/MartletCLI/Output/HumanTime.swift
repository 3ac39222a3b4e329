package import Basics

/// Spans and instants as people read them.
package enum HumanTime {
    /// As kubectl writes ages: the two largest units while both matter: `45s`, `3m20s`, `25m`, `5h10m`, `3d4h`, `20d`,
    /// `2y35d`. Source: the behaviour of `kubectl get`, "AGE".
    package static func age(_ span: Duration) -> String {
        let seconds = span.components.seconds
        if seconds < 0 { return "<invalid>" }
        if seconds < 120 { return "\(seconds)s" }
        let minutes = seconds / 60
        if minutes < 10 { return pair(minutes, "m", seconds % 60, "s") }
        if minutes < 180 { return "\(minutes)m" }
        let hours = minutes / 60
        if hours < 8 { return pair(hours, "h", minutes % 60, "m") }
        if hours < 48 { return "\(hours)h" }
        let days = hours / 24
        if days < 8 { return pair(days, "d", hours % 24, "h") }
        if days < 730 { return "\(days)d" }
        let years = days / 365
        return years < 8 ? pair(years, "y", days % 365, "d") : "\(years)y"
    }

    private static func pair(_ large: Int64, _ largeUnit: String, _ small: Int64, _ smallUnit: String) -> String {
        small == 0 ? "\(large)\(largeUnit)" : "\(large)\(largeUnit)\(small)\(smallUnit)"
    }

    /// How long something took: `37 ms`, `12.3 s`, `4m5s`.
    package static func elapsed(_ span: Duration) -> String {
        let (seconds, attoseconds) = span.components
        guard seconds < 60 else { return age(span) }
        if seconds == 0 { return "\(attoseconds / 1_000_000_000_000_000) ms" }
        let tenths = seconds * 10 + attoseconds / 100_000_000_000_000_000
        return "\(tenths / 10).\(tenths % 10) s"
    }

    /// For JSON: a number of seconds, to the millisecond.
    static func seconds(_ span: Duration) -> String {
        let (seconds, attoseconds) = span.components
        return "\(seconds).\(padded(Int(attoseconds / 1_000_000_000_000_000), 3))"
    }

    /// As velero writes instants: `2026-11-22 10:58:25 +0000 UTC`.
    package static func instant(_ instant: Timestamp) -> String {
        let civil = CivilTime(instant)
        return "\(padded(civil.year, 4))-\(padded(civil.month, 2))-\(padded(civil.day, 2)) "
            + "\(padded(civil.hour, 2)):\(padded(civil.minute, 2)):\(padded(civil.second, 2)) +0000 UTC"
    }

    /// For names: `20261122105825`.
    package static func digits(_ instant: Timestamp) -> String {
        instant.wholeSeconds.description.filter(\.isNumber)
    }
}

/// Whole numbers as people read them: `1,234,567`.
package func grouped(_ number: some BinaryInteger) -> String {
    var digits = Array(String(number.magnitude))
    var index = digits.count - 3
    while index > 0 {
        digits.insert(",", at: index)
        index -= 3
    }
    return (number < 0 ? "-" : "") + String(digits)
}

/// `1 object`, `2 objects`.
package func counted(_ number: Int, _ singular: String, plural: String? = nil) -> String {
    "\(grouped(number)) \(number == 1 ? singular : plural ?? singular + "s")"
}
