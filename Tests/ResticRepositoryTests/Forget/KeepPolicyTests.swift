import Basics
import MartletTestSupport
import ResticRepository
import Testing

@Suite struct `What a policy keeps` {
    private let now = Timestamp("2026-12-31T12:00:00Z")!

    private func candidates(_ times: [String]) -> [KeepCandidate] {
        times.map { KeepCandidate(time: SnapshotTime(instant: Timestamp($0)!)) }
    }

    /// The indices of what is kept.
    private func kept(_ policy: KeepPolicy, _ candidates: [KeepCandidate]) -> [Int] {
        policy.reasons(for: candidates, now: now).enumerated().filter { !$0.element.isEmpty }.map(\.offset)
    }

    private let daily = (1...31).map { "2026-10-\(padded($0, 2))T03:00:00Z" }

    @Test func `the last ones`() {
        let policy = KeepPolicy { $0.last = .some(3) }
        #expect(kept(policy, candidates(daily)) == [28, 29, 30])
        #expect(kept(policy, candidates(daily.shuffled())).count == 3)
    }

    @Test func `one of each day, the latest of it`() {
        let times = ["2026-10-01T01:00:00Z", "2026-10-01T02:00:00Z", "2026-10-02T01:00:00Z", "2026-10-02T23:59:59Z"]
        let policy = KeepPolicy { $0.periods[.daily] = .some(5) }
        let reasons = policy.reasons(for: candidates(times), now: now)
        #expect(reasons == [["oldest daily snapshot"], ["daily snapshot"], [], ["daily snapshot"]])
    }

    @Test func `the oldest is kept only while the counter lasts`() {
        let policy = KeepPolicy { $0.periods[.daily] = .some(2) }
        #expect(kept(policy, candidates(daily)) == [29, 30])
        let unlimited = KeepPolicy { $0.periods[.monthly] = .unlimited }
        #expect(kept(unlimited, candidates(daily)) == [0, 30])
    }

    @Test func `weeks are those of ISO 8601`() {
        // Monday, 28 December 2026 to Sunday, 3 January 2027 is week 53 of 2026.
        let times = ["2026-12-27T12:00:00Z", "2026-12-28T12:00:00Z", "2027-01-03T12:00:00Z", "2027-01-04T12:00:00Z"]
        let policy = KeepPolicy { $0.periods[.weekly] = .some(3) }
        #expect(kept(policy, candidates(times)) == [0, 2, 3])
    }

    @Test func `days are those of the place where the snapshot was made`() {
        let late = SnapshotTime(instant: Timestamp("2026-10-01T22:30:00Z")!, offsetSeconds: 7200)
        let next = SnapshotTime(instant: Timestamp("2026-10-02T10:00:00Z")!, offsetSeconds: 7200)
        let policy = KeepPolicy { $0.periods[.daily] = .some(1) }
        #expect(kept(policy, [KeepCandidate(time: late), KeepCandidate(time: next)]) == [1])
    }

    @Test func `within a span, counted from the latest`() {
        let policy = KeepPolicy { $0.within = KeepSpan("2d") }
        #expect(kept(policy, candidates(daily)) == [29, 30])
        let reasons = policy.reasons(for: candidates(daily), now: now)
        #expect(reasons[30] == ["within 2d"])
    }

    @Test func `a snapshot of the future does not move the span`() {
        let times = daily + ["2030-01-01T00:00:00Z"]
        let policy = KeepPolicy { $0.within = KeepSpan("2d") }
        #expect(kept(policy, candidates(times)) == [29, 30, 31])
    }

    @Test func `a month back from a day that it does not have`() {
        let times = ["2026-03-02T00:00:00Z", "2026-03-03T00:00:00Z", "2026-03-03T00:00:01Z", "2026-03-31T00:00:00Z"]
        let policy = KeepPolicy { $0.within = KeepSpan("1m") }
        #expect(kept(policy, candidates(times)) == [2, 3])
    }

    @Test func `one of each hour within a span`() {
        let times = ["2026-10-01T01:10:00Z", "2026-10-01T01:50:00Z", "2026-10-01T02:10:00Z"]
        let policy = KeepPolicy { $0.withinPeriods[.hourly] = KeepSpan("1d") }
        #expect(
            policy.reasons(for: candidates(times), now: now) == [
                ["oldest hourly within 1d"], ["hourly within 1d"], ["hourly within 1d"],
            ])
    }

    @Test func `all tags of one of the lists`() {
        let time = SnapshotTime(instant: Timestamp("2026-10-01T01:10:00Z")!)
        let candidates = [["a"], ["a", "b"], ["c"], []].map { KeepCandidate(time: time, tags: Set($0)) }
        let policy = KeepPolicy { $0.tags = [["a", "b"], ["c"]] }
        #expect(kept(policy, candidates) == [1, 2])
    }

    @Test func `spans are read and written`() {
        #expect(KeepSpan("1y5m7d2h") == KeepSpan(years: 1, months: 5, days: 7, hours: 2))
        #expect(KeepSpan("1y5m7d2h")?.description == "1y5m7d2h")
        for text in ["", "5", "d", "-1d", "1w", "1d2", "9999999999999999999999d"] { #expect(KeepSpan(text) == nil) }
        #expect(KeepPolicy().isEmpty)
        #expect(!KeepPolicy { $0.last = .some(1) }.isEmpty)
    }

    @Test(arguments: 0..<200)
    func `more is never less`(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        let times = (0..<40).map { _ in
            KeepCandidate(
                time: SnapshotTime(
                    instant: Timestamp(seconds: 1_780_000_000 + Int64.random(in: 0...40_000_000, using: &random))))
        }
        var small = KeepPolicy()
        small.last = .some(Int.random(in: 1...3, using: &random))
        for period in KeepPeriod.allCases { small.periods[period] = .some(Int.random(in: 1...5, using: &random)) }
        var large = small
        large.last = .some(10)
        large.withinPeriods[.daily] = KeepSpan(months: 2)
        let (few, many) = (Set(kept(small, times)), Set(kept(large, times)))
        #expect(few.isSubset(of: many))
        #expect(!few.isEmpty)
    }
}
