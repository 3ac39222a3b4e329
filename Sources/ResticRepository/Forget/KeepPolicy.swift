import Basics

/// How far back a rule reaches: calendar years, months and days, then hours. Written `1y5m7d2h`.
package struct KeepSpan: Sendable, Hashable, CustomStringConvertible {
    package var years = 0
    package var months = 0
    package var days = 0
    package var hours = 0

    package init(years: Int = 0, months: Int = 0, days: Int = 0, hours: Int = 0) {
        self.years = years
        self.months = months
        self.days = days
        self.hours = hours
    }

    /// Numbers, each with `y`, `m`, `d` or `h`, in any order; nil for anything else. A number is at most 100,000.
    package init?(_ text: some StringProtocol) {
        var number: Int?
        for byte in text.utf8 {
            if (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) {
                let value = (number ?? 0) * 10 + Int(byte - UInt8(ascii: "0"))
                guard value <= 100_000 else { return nil }
                number = value
                continue
            }
            guard let value = number else { return nil }
            number = nil
            switch byte {
            case UInt8(ascii: "y"): years += value
            case UInt8(ascii: "m"): months += value
            case UInt8(ascii: "d"): days += value
            case UInt8(ascii: "h"): hours += value
            default: return nil
            }
        }
        guard number == nil, !text.isEmpty else { return nil }
    }

    package var isZero: Bool { years == 0 && months == 0 && days == 0 && hours == 0 }

    package var description: String {
        let parts = [(years, "y"), (months, "m"), (days, "d"), (hours, "h")]
        let text = parts.filter { $0.0 != 0 }.map { "\($0.0)\($0.1)" }.joined()
        return text.isEmpty ? "0h" : text
    }
}

/// How many snapshots a counting rule keeps.
package enum KeepCount: Sendable, Hashable {
    case none
    case some(Int)
    case unlimited
}

/// Periods of which one snapshot each is kept.
package enum KeepPeriod: String, Sendable, Hashable, CaseIterable {
    case hourly, daily, weekly, monthly, yearly
}

/// Which snapshots of a group are kept: those that at least one rule names. Source: restic's documentation, "Removing
/// snapshots according to a policy".
package struct KeepPolicy: Sendable, Hashable {
    package var last: KeepCount = .none
    package var periods: [KeepPeriod: KeepCount] = [:]
    package var within: KeepSpan?
    package var withinPeriods: [KeepPeriod: KeepSpan] = [:]
    /// Kept are snapshots that have all tags of one of these lists.
    package var tags: [[String]] = []

    package init() {}

    package init(_ change: (inout KeepPolicy) -> Void) { change(&self) }

    /// Whether no rule is set at all: such a policy would keep nothing.
    package var isEmpty: Bool {
        last == .none && periods.values.allSatisfy { $0 == .none } && (within?.isZero ?? true)
            && withinPeriods.values.allSatisfy(\.isZero) && tags.isEmpty
    }
}
