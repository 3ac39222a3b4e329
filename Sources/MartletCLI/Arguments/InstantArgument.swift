import ArgumentParser
package import Basics

/// An instant as people type it: RFC 3339, mc's `2026.11.22T10:30`, a date, or an age such as `7d10h` before now.
package struct InstantArgument: ExpressibleByArgument, Sendable, Hashable {
    private enum Meaning: Sendable, Hashable {
        case instant(Timestamp)
        case age(Duration)
    }

    private let meaning: Meaning

    package init?(argument: String) {
        if let instant = Timestamp(argument) ?? InstantArgument.date(argument) {
            meaning = .instant(instant)
        } else if let age = InstantArgument.age(argument) {
            meaning = .age(age)
        } else {
            return nil
        }
    }

    package func instant(now: Timestamp) -> Timestamp {
        switch meaning {
        case .instant(let instant): instant
        case .age(let age): now + (.zero - age)
        }
    }

    /// `2026-11-22`, `2026.11.22`, each with `T10`, `T10:30` or `T10:30:05` behind it; in UTC.
    private static func date(_ text: String) -> Timestamp? {
        let halves = text.split(separator: "T", omittingEmptySubsequences: false)
        let date = halves[0].split(omittingEmptySubsequences: false) { $0 == "." || $0 == "-" }.map { Int($0) }
        guard halves.count <= 2, date.count == 3, let year = date[0], let month = date[1], let day = date[2] else {
            return nil
        }
        let time =
            halves.count == 1 ? [] : halves[1].split(separator: ":", omittingEmptySubsequences: false).map { Int($0) }
        guard time.count <= 3, time.allSatisfy({ $0 != nil }) else { return nil }
        let parts = time.compactMap(\.self) + [0, 0, 0]
        return CivilTime(year: year, month: month, day: day, hour: parts[0], minute: parts[1], second: parts[2])
            .map { Timestamp(seconds: $0.secondsSinceEpoch) }
    }

    /// `7d10h31s`, `90m`, `2w`. At most 100 years, which keeps the sum in its bounds.
    package static func age(_ text: String) -> Duration? {
        let units: [Character: Int64] = ["s": 1, "m": 60, "h": 3600, "d": 86_400, "w": 604_800, "y": 31_536_000]
        var total: Int64 = 0
        var digits = ""
        for character in text {
            if character.isASCII, character.isNumber {
                digits.append(character)
                continue
            }
            guard let unit = units[character], let number = Int64(digits), number <= 3_153_600_000 / unit else {
                return nil
            }
            total += number * unit
            digits = ""
        }
        guard digits.isEmpty, !text.isEmpty, total <= 3_153_600_000 else { return nil }
        return .seconds(total)
    }
}
