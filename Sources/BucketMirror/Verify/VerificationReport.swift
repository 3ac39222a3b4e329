import Basics
import ObjectStorage
import Synchronization

package struct VerificationReport: Sendable {
    /// Keys of both sides together.
    package var keys = 0
    package var equal = 0
    package var missing = 0
    package var different = 0
    package var extra = 0
    /// Same size, and nothing shows whether the content is the same.
    package var unproven = 0
    /// Objects whose bytes were read on both sides, and how many.
    package var contentsRead = 0
    package var bytesRead: Int64 = 0
    package var failures: [MirrorFailure] = []
    /// The first differences, 1,000 at most.
    package var differences: [Difference] = []
    package var elapsed: Duration = .zero

    package init() {}

    package var isEqual: Bool {
        missing == 0 && different == 0 && extra == 0 && unproven == 0 && failures.isEmpty
    }

    /// The share of wrong objects is below this with 95 % confidence, if none was found among those read: 3 / n.
    package var errorRateBound: Double? { contentsRead > 0 ? min(1, 3 / Double(contentsRead)) : nil }
}

/// Gathers a report from many tasks.
final class VerificationResult: Sendable {
    private struct State {
        var report = VerificationReport()
        /// Every key has the same chance to be among them.
        var reservoir: [ObjectKey] = []
        var random: any RandomNumberGenerator & Sendable
    }

    private static let largestSample = 100_000
    private let state: Mutex<State>

    init(random: any RandomNumberGenerator & Sendable) { state = Mutex(State(random: random)) }

    var report: VerificationReport { state.withLock { $0.report } }

    func equal(_ key: ObjectKey) {
        state.withLock { state in
            state.report.keys += 1
            state.report.equal += 1
            if state.reservoir.count < VerificationResult.largestSample {
                state.reservoir.append(key)
            } else {
                let place = Int(state.random.next() % UInt64(state.report.equal))
                if place < state.reservoir.count { state.reservoir[place] = key }
            }
        }
    }

    func add(_ difference: Difference, _ change: (inout VerificationReport) -> Void) {
        state.withLock { state in
            state.report.keys += 1
            change(&state.report)
            if state.report.differences.count < 1000 { state.report.differences.append(difference) }
        }
    }

    func differsAfterAll(_ info: ObjectInfo) {
        state.withLock { state in
            state.report.equal -= 1
            state.report.different += 1
            state.report.differences.append(.changed(source: info, target: info, .content))
        }
    }

    func read(_ size: Int64) {
        state.withLock { state in
            state.report.contentsRead += 1
            state.report.bytesRead += size
        }
    }

    func fail(_ failure: MirrorFailure) {
        state.withLock { state in
            state.report.keys += 1
            if state.report.failures.count < 1000 { state.report.failures.append(failure) }
        }
    }

    func sample(_ count: Int) -> [ObjectKey] {
        state.withLock { state in
            for index in state.reservoir.indices {
                state.reservoir.swapAt(index, Int(state.random.next() % UInt64(state.reservoir.count)))
            }
            return Array(state.reservoir.prefix(max(0, count)))
        }
    }
}
