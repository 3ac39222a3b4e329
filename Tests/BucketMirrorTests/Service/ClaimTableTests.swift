import Basics
import BucketMirror
import MartletTestSupport
import ObjectStorage
import Testing

@Suite struct `Claims` {
    private func mark(_ name: String, size: Int64? = nil) -> ClaimTable.Mark {
        ClaimTable.Mark(
            key: key(name), seen: Timestamp(seconds: 0), expected: size.map { ObjectInfo(key: key(name), size: $0) },
            reason: .event)
    }

    private let then = Timestamp(seconds: 9)

    @Test func `are one for each key, however often it is marked`() {
        var table = ClaimTable()
        for _ in 0..<5 { _ = table.mark(mark("a"), now: .zero) }
        #expect(table.claim(now: .zero)?.mark.key == key("a"))
        #expect(table.claim(now: .zero) == nil)
        #expect(table.count == 1 && table.claimed == 1)
        table.finish(key("a"), .done, now: .seconds(1), seen: then)
        #expect(table.count == 0 && table.oldest == nil)
    }

    @Test func `come again if the key was marked meanwhile`() {
        var table = ClaimTable()
        _ = table.mark(mark("a", size: 7), now: .zero)
        _ = table.claim(now: .zero)
        _ = table.mark(mark("a"), now: .seconds(1))
        #expect(table.claim(now: .seconds(1)) == nil)
        table.finish(key("a"), .done, now: .seconds(2), seen: then)
        #expect(table.count == 1 && table.oldest?.seen == then && table.bytes == 0)
        #expect(table.claim(now: .seconds(2)) != nil)
    }

    @Test func `wait until a key has been quiet, and not for ever`() {
        var table = ClaimTable(settle: .seconds(60), settleAtMost: .seconds(150))
        for second in [0, 50, 100] { _ = table.mark(mark("a"), now: .seconds(second)) }
        #expect(table.claim(now: .seconds(149)) == nil)
        #expect(table.claim(now: .seconds(150)) != nil)
        _ = table.mark(mark("b"), now: .seconds(200))
        #expect(table.claim(now: .seconds(259)) == nil)
        #expect(table.claim(now: .seconds(260))?.mark.key == key("b"))
    }

    @Test func `are tried again later, and a quarantined key is freed by an event`() {
        var table = ClaimTable()
        _ = table.mark(mark("a"), now: .zero)
        _ = table.claim(now: .zero)
        table.finish(key("a"), .again(at: .seconds(5)), now: .zero, seen: then)
        #expect(table.claim(now: .seconds(4)) == nil)
        #expect(table.claim(now: .seconds(5))?.tries == 1)
        table.finish(key("a"), .quarantined(until: .seconds(3600)), now: .seconds(5), seen: then)
        #expect(table.quarantined == 1 && table.claim(now: .seconds(100)) == nil)
        _ = table.mark(mark("a"), now: .seconds(100))
        #expect(table.quarantined == 0 && table.claim(now: .seconds(100)) != nil)
    }

    @Test func `of many at once leave out those that somebody has, and come again`() {
        var table = ClaimTable()
        _ = table.mark(mark("a"), now: .zero)
        _ = table.mark(mark("b"), now: .zero)
        _ = table.claim(now: .zero)
        #expect(table.claimAll(["a", "b", "c"].map(key), now: .zero, seen: then).map(\.text) == ["b", "c"])
        #expect(table.claim(now: .seconds(9)) == nil)
        for name in ["a", "b", "c"] { table.finish(key(name), .done, now: .seconds(1), seen: then) }
        // Somebody had "a": it is looked at once more.
        #expect(table.count == 1 && table.claim(now: .seconds(2))?.mark.key == key("a"))
    }

    @Test func `that do not fit are refused`() {
        var table = ClaimTable(limit: 2)
        let taken = ["a", "b", "c", "a"].map { table.mark(mark($0), now: .zero) }
        #expect(taken == [true, true, false, true])
    }

    @Test(arguments: 0..<20)
    func `lose no mark, in any order of things`(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        var table = ClaimTable(settle: .seconds(seed % 3), settleAtMost: .seconds(4))
        var now = Duration.zero
        /// The number of the last change of each key, and the last that a look has seen.
        var changed: [ObjectKey: Int] = [:]
        var seen: [ObjectKey: Int] = [:]
        var looking: [ObjectKey: Int] = [:]
        for step in 0..<2000 {
            now += .milliseconds(Int(random.next() % 500))
            switch random.next() % 3 {
            case 0 where step < 1500:
                let name = key("k\(random.next() % 12)")
                changed[name] = step
                _ = table.mark(mark(name.text), now: now)
            case 1:
                guard let claim = table.claim(now: now) else { continue }
                #expect(looking[claim.mark.key] == nil)
                looking[claim.mark.key] = changed[claim.mark.key]
            default:
                guard let (name, version) = looking.first else { continue }
                looking[name] = nil
                let fails = random.next() % 4 == 0
                if !fails { seen[name] = version }
                table.finish(name, fails ? .again(at: now + .seconds(1)) : .done, now: now, seen: then)
            }
        }
        for (name, version) in looking {
            seen[name] = version
            table.finish(name, .done, now: now, seen: then)
        }
        while table.count > 0 {
            now += .seconds(10)
            guard let claim = table.claim(now: now) else { continue }
            seen[claim.mark.key] = changed[claim.mark.key]
            table.finish(claim.mark.key, .done, now: now, seen: then)
        }
        #expect(seen == changed)
    }
}

@Suite struct `Scans` {
    @Test func `begin at once, then by interval, sooner after a gap, later after failures`() {
        var options = WatchOptions()
        options.scanInterval = .seconds(900)
        options.pollInterval = .seconds(5) ... .seconds(80)
        var schedule = ScanSchedule(options)
        #expect(schedule.isDue(now: .zero, hasEvents: true))
        schedule.began()
        schedule.ended(now: .seconds(10), took: .seconds(1), changes: 0, failed: false)
        #expect(!schedule.isDue(now: .seconds(909), hasEvents: true))
        #expect(schedule.isDue(now: .seconds(910), hasEvents: true))
        schedule.want()
        #expect(!schedule.isDue(now: .seconds(14), hasEvents: true))
        #expect(schedule.isDue(now: .seconds(15), hasEvents: true))
        schedule.began()
        schedule.ended(now: .seconds(20), took: .zero, changes: 0, failed: true)
        schedule.ended(now: .seconds(20), took: .zero, changes: 0, failed: true)
        #expect(
            !schedule.isDue(now: .seconds(21), hasEvents: true) && schedule.isDue(now: .seconds(22), hasEvents: true))
    }

    @Test func `without events adapt to how much changes`() {
        var options = WatchOptions()
        options.pollInterval = .seconds(5) ... .seconds(80)
        var schedule = ScanSchedule(options)
        var pauses: [Int] = []
        for changes in [0, 0, 0, 0, 0, 3, 0] {
            schedule.began()
            schedule.ended(now: .zero, took: .zero, changes: changes, failed: false)
            pauses.append((0...100).first { schedule.isDue(now: .seconds($0), hasEvents: false) } ?? -1)
        }
        #expect(pauses == [10, 20, 40, 80, 80, 5, 10])
    }

    @Test func `rest while a side fails for everything, and one try ends it`() {
        var gate = PauseGate()
        #expect(gate.allowed(8, now: .zero) == 8)
        let began = (0..<3).map { _ in gate.failed("no", concernsAll: true, now: .zero) }
        #expect(began == [false, false, true])
        #expect(gate.isPaused && gate.reason == "no" && gate.allowed(8, now: .milliseconds(999)) == 0)
        #expect(gate.allowed(8, now: .seconds(1)) == 1)
        let beganAgain = gate.failed("still", concernsAll: true, now: .seconds(1))
        #expect(!beganAgain && gate.allowed(8, now: .seconds(2)) == 0)
        let ended = gate.succeeded()
        #expect(ended && !gate.isPaused && gate.allowed(8, now: .seconds(2)) == 8)
    }
}
