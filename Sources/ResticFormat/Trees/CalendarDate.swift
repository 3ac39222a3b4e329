/// Days and dates by the proleptic Gregorian calendar, years 0 to 9999, in integers.
///
/// After Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms".
enum CalendarDate {
    /// The date `days` after 1970-01-01. `days` is not before the year 0.
    static func date(_ days: Int64) -> (year: Int64, month: Int64, day: Int64) {
        // 800 years are added so that only natural numbers are divided.
        let shifted = days + 719_468 + 2 * 146_097
        let era = shifted / 146_097
        let dayOfEra = shifted % 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1_460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let monthFromMarch = (5 * dayOfYear + 2) / 153
        let day = dayOfYear - (153 * monthFromMarch + 2) / 5 + 1
        let month = monthFromMarch < 10 ? monthFromMarch + 3 : monthFromMarch - 9
        return (yearOfEra + era * 400 - 800 + (month <= 2 ? 1 : 0), month, day)
    }

    /// Days since 1970-01-01. The date must exist.
    static func days(year: Int64, month: Int64, day: Int64) -> Int64 {
        let shiftedYear = (month <= 2 ? year - 1 : year) + 800
        let era = shiftedYear / 400
        let yearOfEra = shiftedYear % 400
        let monthFromMarch = month > 2 ? month - 3 : month + 9
        let dayOfYear = (153 * monthFromMarch + 2) / 5 + day - 1
        let dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
        return (era - 2) * 146_097 + dayOfEra - 719_468
    }

    static func exists(year: Int64, month: Int64, day: Int64) -> Bool {
        guard (1...12).contains(month), day >= 1 else { return false }
        let isLeap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
        let length: Int64 = month == 2 ? (isLeap ? 29 : 28) : [4, 6, 9, 11].contains(month) ? 30 : 31
        return day <= length
    }

    /// The same day and time of another year; 29 February becomes 1 March where there is none.
    static func withYear(_ year: Int64, of localSeconds: Int64) -> Int64 {
        let second = (localSeconds % 86_400 + 86_400) % 86_400
        let (_, month, day) = date((localSeconds - second) / 86_400)
        return days(year: year, month: month, day: day) * 86_400 + second
    }
}
