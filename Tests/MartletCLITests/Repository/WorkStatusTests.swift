import MartletCLI
import Testing

@Suite struct `The status of work` {
    @Test(
        arguments: [
            (0, 0, "0", 0), (0, 100, "0", 0), (50, 100, "0.5000", 10), (100, 100, "1", 0), (1, 3, "0.3333", 20),
            (300, 100, "1", 0), (1, 100_000, "0", 999_990), (7, 1000, "0.0070", 1418),
        ] as [(UInt64, UInt64, String, UInt64)])
    func `is a share and a guess`(_ done: UInt64, _ total: UInt64, _ share: String, _ rest: UInt64) {
        let status = WorkStatus(elapsed: .milliseconds(10_400), totalBytes: total, doneBytes: done)
        #expect(status.shareText == share)
        #expect(status.secondsElapsed == 10)
        #expect(status.secondsRemaining == rest)
    }

    @Test func `goes out as often as the variable says`() {
        func interval(_ text: String) -> Duration { StatusPace.interval(["RESTIC_PROGRESS_FPS": text]) }
        #expect(StatusPace.interval([:]) == .milliseconds(250))
        #expect(interval("10") == .milliseconds(100))
        #expect(interval("1000") == .milliseconds(16))
        #expect(interval("0.5") == .seconds(2))
        for wrong in ["", "x", "0", "-1", "nan", "inf"] { #expect(interval(wrong) == .milliseconds(250)) }
    }
}
