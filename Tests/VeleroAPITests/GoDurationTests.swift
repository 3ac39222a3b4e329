import Testing
import VeleroAPI

@Suite struct GoDurationTests {
    @Test(arguments: [
        ("0s", Duration.zero), ("720h0m0s", .seconds(720 * 3600)), ("1h30m0s", .seconds(5400)),
        ("1m30s", .seconds(90)), ("10m0s", .seconds(600)), ("1.5s", .milliseconds(1500)), ("500ms", .milliseconds(500)),
        ("1.5µs", .nanoseconds(1500)), ("1ns", .nanoseconds(1)), ("-2m0s", .seconds(-120)),
        ("240h0m0.000000001s", .seconds(240 * 3600) + .nanoseconds(1)),
        ("2562047h47m16.854775807s", .nanoseconds(Int64.max)),
    ])
    func `durations are printed as Go prints them and read back`(text: String, span: Duration) {
        #expect(GoDuration.text(span) == text)
        #expect(GoDuration.parse(text) == span)
    }

    @Test(arguments: [
        ("0", Duration.zero), ("+5s", .seconds(5)), ("1h", .seconds(3600)),
        ("1h1m1s1ms1us1ns", .nanoseconds(3_661_001_001_001)),
        (".5h", .seconds(1800)), ("1.h", .seconds(3600)), ("1us", .microseconds(1)), ("1\u{3BC}s", .microseconds(1)),
    ])
    func `other spellings are read`(text: String, span: Duration) {
        #expect(GoDuration.parse(text) == span)
    }

    @Test(arguments: [
        "", "5", "h", "1d", "1 h", "1h ", "--1s", "1s-", ".s", "1.2.3s", "9999999999h", "3 days", "1e3s",
        "2562047h47m17s",
    ])
    func `what is no duration is refused`(text: String) {
        #expect(GoDuration.parse(text) == nil)
    }
}
