package import Basics

/// When a snapshot was made, with the offset of the clock on the wall there: policies count days as they were lived.
package struct SnapshotTime: Sendable, Hashable {
    package let instant: Timestamp
    /// East of Greenwich, in seconds.
    package let offsetSeconds: Int

    package init(instant: Timestamp, offsetSeconds: Int = 0) {
        self.instant = instant
        self.offsetSeconds = offsetSeconds
    }

    /// The date and time of day that the clock showed, as if it were UTC.
    var local: CivilTime { CivilTime(instant + .seconds(offsetSeconds)) }

    /// A number that is equal for two times of one period and different otherwise.
    func bucket(_ period: KeepPeriod) -> Int {
        let local = local
        let day = local.year * 10_000 + local.month * 100 + local.day
        switch period {
        case .hourly: return day * 100 + local.hour
        case .daily: return day
        case .weekly: return SnapshotTime.isoWeek(local)
        case .monthly: return local.year * 100 + local.month
        case .yearly: return local.year
        }
    }

    /// This time less `span`: years, months and days by the calendar, where a day that a month does not have runs over
    /// into the next one (31 March less a month is 3 March), then hours.
    func less(_ span: KeepSpan) -> Timestamp {
        let local = local
        let months = local.year * 12 + local.month - 1 - span.years * 12 - span.months
        let year = max(1, months.floorDivided(by: 12))
        let month = months - months.floorDivided(by: 12) * 12 + 1
        guard let first = CivilTime(year: year, month: month, day: 1) else { return instant }
        let seconds =
            first.secondsSinceEpoch + Int64(local.day - 1 - span.days) * 86_400
            + Int64(local.hour * 3600 + local.minute * 60 + local.second) - Int64(span.hours) * 3600
            - Int64(offsetSeconds)
        return Timestamp(seconds: seconds, nanoseconds: instant.nanoseconds)
    }

    /// Year and week by ISO 8601: the week belongs to the year of its Thursday.
    private static func isoWeek(_ day: CivilTime) -> Int {
        let weekday = (day.weekday + 6) % 7
        let thursday = CivilTime(
            Timestamp(seconds: day.secondsSinceEpoch + Int64(3 - weekday) * 86_400))
        let newYear = CivilTime(year: thursday.year, month: 1, day: 1)?.secondsSinceEpoch ?? 0
        let week = Int((thursday.secondsSinceEpoch - newYear) / 86_400) / 7 + 1
        return thursday.year * 100 + week
    }
}

extension Int {
    fileprivate func floorDivided(by divisor: Int) -> Int {
        let (quotient, remainder) = quotientAndRemainder(dividingBy: divisor)
        return remainder < 0 ? quotient - 1 : quotient
    }
}
