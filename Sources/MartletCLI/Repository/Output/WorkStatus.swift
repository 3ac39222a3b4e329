/// How often status goes out.
package enum StatusPace {
    /// Four times a second, or what `RESTIC_PROGRESS_FPS` says: up to 60 times.
    package static func interval(_ environment: [String: String]) -> Duration {
        guard let text = environment["RESTIC_PROGRESS_FPS"], let rate = Double(text), rate > 0, rate.isFinite else {
            return .milliseconds(250)
        }
        return .milliseconds(max(1000 / 60, Int64(min(1000 / rate, 86_400_000))))
    }
}

/// How far work has come, as restic's `status` messages say it. Pure.
package struct WorkStatus: Sendable {
    package let elapsed: Duration
    /// In bytes; 0 while it is not known.
    package let totalBytes: UInt64
    package let doneBytes: UInt64

    package init(elapsed: Duration, totalBytes: UInt64, doneBytes: UInt64) {
        self.elapsed = elapsed
        self.totalBytes = totalBytes
        self.doneBytes = doneBytes
    }

    /// Nothing to do is not done before the end.
    package var share: Double { totalBytes == 0 ? 0 : min(1, Double(doneBytes) / Double(totalBytes)) }

    /// `0.4375`, without a formatter.
    package var shareText: String {
        let tenThousandths = Int(share * 10_000)
        if tenThousandths == 0 || tenThousandths == 10_000 { return String(tenThousandths / 10_000) }
        let digits = String(tenThousandths)
        return "0." + String(repeating: "0", count: 4 - digits.count) + digits
    }

    package var secondsElapsed: UInt64 { UInt64(clamping: elapsed.components.seconds) }

    /// As long as it goes on as it did; 0 while nobody can tell.
    package var secondsRemaining: UInt64 {
        guard doneBytes > 0, doneBytes < totalBytes else { return 0 }
        return UInt64(min(1e15, Double(secondsElapsed) * Double(totalBytes - doneBytes) / Double(doneBytes)))
    }
}
