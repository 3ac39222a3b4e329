import Basics
import MartletTestSupport
import ResticFormat
import Testing

@Suite struct NodeTimeTests {
    @Test(arguments: [
        "2026-01-02T03:04:05.5Z", "1970-01-01T00:00:00Z", "0000-01-01T00:00:00Z", "9999-12-31T23:59:59.999999999Z",
        "2024-02-29T23:59:59.000000001+05:30", "1969-12-31T23:59:59.1-09:30", "0001-01-01T00:00:00Z",
        "2000-02-29T00:00:00+23:59", "1900-03-01T12:00:00.123-00:01", "0004-02-29T00:00:00Z",
    ])
    func `texts come back as they were`(_ text: String) throws {
        #expect(try #require(NodeTime(text)).description == text)
    }

    @Test(arguments: [
        ("2026-01-02T03:04:05.500Z", "2026-01-02T03:04:05.5Z"), ("2026-01-02T03:04:05.000Z", "2026-01-02T03:04:05Z"),
        ("2026-01-02T03:04:05+00:00", "2026-01-02T03:04:05Z"),
        ("2026-01-02T03:04:05.1234567899Z", "2026-01-02T03:04:05.123456789Z"),
    ])
    func `other spellings become the canonical one`(_ text: String, _ canonical: String) throws {
        #expect(try #require(NodeTime(text)).description == canonical)
    }

    @Test(arguments: [
        "", "Z", "2026-01-02", "2026-13-02T03:04:05Z", "2026-00-02T03:04:05Z", "2026-02-29T03:04:05Z",
        "2026-04-31T03:04:05Z",
        "2026-01-02T24:04:05Z", "2026-01-02T03:60:05Z", "2026-01-02T03:04:60Z", "2026-01-02 03:04:05Z",
        "2026-01-02T03:04:05", "2026-01-02T03:04:05.Z", "2026-01-02T03:04:05+1:00", "2026-01-02T03:04:05+24:00",
        "2026-01-02T03:04:05+01:60", "2026-01-02T03:04:05ZZ", "2026-01-02T03:04:05*01:00", "-026-01-02T03:04:05Z",
        "1900-02-29T00:00:00Z", "10000-01-01T00:00:00Z",
        "2026-01-02T03:04:05.1234567890123456789012345678901234567890Z0000000",
    ])
    func `what is no time is refused`(_ text: String) {
        #expect(NodeTime(text) == nil)
    }

    @Test func `instants agree with the other calendar of the project`() throws {
        var generator = SeededGenerator(seed: 15)
        for _ in 0..<2000 {
            let seconds = Int64.random(in: -62_135_596_800...253_402_300_799, using: &generator)
            let nanoseconds = Int32.random(in: 0..<1_000_000_000, using: &generator)
            let time = NodeTime(seconds: seconds, nanoseconds: nanoseconds)
            #expect(time.description == Timestamp(seconds: seconds, nanoseconds: nanoseconds).description)
            let offset = Int32.random(in: -1439...1439, using: &generator) * 60
            let local = NodeTime(seconds: seconds, nanoseconds: nanoseconds, zoneOffset: offset)
            if local.seconds == seconds { #expect(NodeTime(local.description) == local, "\(local)") }
            #expect(NodeTime(local.description)?.isSameInstant(as: local) == true)
        }
    }

    @Test func `years that cannot be written become the nearest one that can`() {
        #expect(NodeTime(seconds: .max).description.hasPrefix("9999-"))
        #expect(NodeTime(seconds: .min).description.hasPrefix("0000-"))
        #expect(NodeTime(seconds: 253_402_300_800).description == "9999-01-01T00:00:00Z")
        #expect(NodeTime(seconds: -62_167_219_201).description == "0000-12-31T23:59:59Z")
        #expect(NodeTime(seconds: 253_402_300_799, zoneOffset: 3600).description == "9999-01-01T00:59:59+01:00")
        // 29 February 10000
        #expect(NodeTime(seconds: 253_407_398_400).description == "9999-03-01T00:00:00Z")
    }

    @Test func `a zone's offsets are found by asking`() {
        // Summer from 10,000,000 s on, every 20,000,000 s, for 10,000,000 s.
        func offset(_ instant: Int64) -> Int32 {
            instant >= 0 && instant % 20_000_000 >= 10_000_000 ? 7200 : 3600
        }
        let zones = ZoneTable(sampling: 1960...1980, offset: offset)
        for change in stride(from: Int64(0), through: 300_000_000, by: 10_000_000) {
            for instant in [change - 1, change, change + 1, change + 5_000_000] {
                #expect(zones.offset(at: instant) == offset(instant), "\(instant)")
            }
        }
        #expect(ZoneTable.utc.offset(at: 5) == 0)
        #expect(NodeTime(seconds: 10_000_000, zones: zones).description == "1970-04-26T19:46:40+02:00")
    }

    @Test func `equal instants in other zones are the same instant, not the same text`() throws {
        let one = try #require(NodeTime("2026-01-02T03:04:05Z"))
        let other = try #require(NodeTime("2026-01-02T04:04:05+01:00"))
        #expect(one != other && one.isSameInstant(as: other) && one.instant == other.instant)
    }
}
