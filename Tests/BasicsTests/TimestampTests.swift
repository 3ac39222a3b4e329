import Basics
import MartletTestSupport
import Testing

@Suite struct TimestampTests {
    @Test(arguments: [
        ("1970-01-01T00:00:00Z", 0), ("2000-02-29T12:00:00Z", 951_825_600), ("1969-12-31T23:59:59Z", -1),
        ("2026-11-22T10:00:00Z", 1_795_341_600), ("0001-01-01T00:00:00Z", -62_135_596_800),
        ("9999-12-31T23:59:59Z", 253_402_300_799), ("2100-03-01T00:00:00Z", 4_107_542_400),
        ("2024-02-29T00:00:00Z", 1_709_164_800),
    ]) func `known instants`(text: String, seconds: Int) throws {
        let instant = try #require(Timestamp(text))
        #expect(instant.seconds == Int64(seconds))
        #expect(instant.description == text)
    }

    @Test(arguments: [
        ("2026-11-22T10:00:00+01:00", "2026-11-22T09:00:00Z"), ("2026-11-22T10:00:00-05:30", "2026-11-22T15:30:00Z"),
        ("2026-01-01T00:30:00+01:00", "2025-12-31T23:30:00Z"), ("2026-11-22t10:00:00z", "2026-11-22T10:00:00Z"),
        ("2026-11-22T10:00:00.5Z", "2026-11-22T10:00:00.5Z"),
        ("2026-11-22T10:00:00.123456789123Z", "2026-11-22T10:00:00.123456789Z"),
        ("2026-11-22T10:00:00.100Z", "2026-11-22T10:00:00.1Z"), ("2016-12-31T23:59:60Z", "2016-12-31T23:59:59Z"),
    ]) func `offsets and fractions`(text: String, expected: String) throws {
        #expect(try #require(Timestamp(text)).description == expected)
    }

    @Test(arguments: [
        "", "2026-11-22", "2026-11-22T10:00Z", "2026-13-01T00:00:00Z", "2026-00-01T00:00:00Z", "2025-02-29T00:00:00Z",
        "1900-02-29T00:00:00Z", "2026-04-31T00:00:00Z", "2026-11-22T24:00:00Z", "2026-11-22T10:60:00Z",
        "2026-11-22T10:00:61Z", "2026-11-22T10:00:00", "2026-11-22T10:00:00.Z", "2026-11-22T10:00:00+24:00",
        "2026-11-22T10:00:00Zx", "0000-01-01T00:00:00Z", "２026-11-22T10:00:00Z",
    ]) func `refuses`(text: String) { #expect(Timestamp(text) == nil) }

    @Test func `every day from 1890 to 2110 is where a calendar has it`() {
        var days = 0
        var weekday = 3  // The first of January 1890 was a Wednesday.
        let start = CivilTime(year: 1890, month: 1, day: 1)?.secondsSinceEpoch ?? 0
        for year in 1890...2110 {
            for month in 1...12 {
                for day in 1...CivilTime.days(inMonth: month, of: year) {
                    let instant = Timestamp(seconds: start + Int64(days) * 86_400)
                    let civil = CivilTime(instant)
                    #expect((civil.year, civil.month, civil.day) == (year, month, day))
                    #expect(civil.weekday == weekday)
                    days += 1
                    weekday = (weekday + 1) % 7
                }
            }
        }
        #expect(days == 221 * 365 + 53)
    }

    @Test(arguments: 0..<200) func `text and arithmetic round-trip`(seed: Int) throws {
        var random = SeededGenerator(seed: UInt64(seed))
        let instant = Timestamp(
            seconds: Int64.random(in: -62_135_596_800...253_402_300_799, using: &random),
            nanoseconds: Int32.random(in: 0..<1_000_000_000, using: &random))
        #expect(try #require(Timestamp(instant.description)) == instant)
        let other = Timestamp(
            seconds: Int64.random(in: -1_000_000...1_000_000, using: &random),
            nanoseconds: Int32.random(in: 0..<1_000_000_000, using: &random))
        #expect(other + (instant - other) == instant)
        #expect((instant < other) == (instant - other < .zero))
        #expect(instant.wholeSeconds.nanoseconds == 0)
    }
}
