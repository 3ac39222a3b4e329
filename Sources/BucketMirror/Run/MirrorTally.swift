import ObjectStorage
import Synchronization

/// Counts what happens and tells the observer; and notices when one side fails for everything.
final class MirrorTally: Sendable {
    private struct State {
        var report = MirrorReport()
        /// Failures of a kind that the next object will meet too, since the last success.
        var hopeless = 0
        var stop: MirrorError?
    }

    /// So many in a row are no accident of single objects.
    private static let enough = 10
    private let keptFailures: Int
    private let stops: Bool
    let observer: any MirrorObserver
    private let state = Mutex(State())

    /// - Parameter stops: whether the run ends when one side fails for everything.
    init(keptFailures: Int, stops: Bool, observer: any MirrorObserver) {
        self.keptFailures = keptFailures
        self.stops = stops
        self.observer = observer
    }

    var counts: MirrorCounts { state.withLock { $0.report.counts } }
    var report: MirrorReport { state.withLock { $0.report } }
    /// Why going on makes no sense.
    var stop: MirrorError? { state.withLock { $0.stop } }

    func count(_ change: (inout MirrorCounts) -> Void) { state.withLock { change(&$0.report.counts) } }

    func copied(_ copy: Copy, _ reason: Difference.Reason) {
        state.withLock { state in
            state.hopeless = 0
            state.report.counts.copied += 1
            state.report.counts.bytesCopied += copy.source.size
        }
        observer.observe(.copied(source: copy.source, target: copy.target, reason))
    }

    func failed(_ key: ObjectKey, _ failure: CopyFailure) {
        let entry = MirrorFailure(key: key, doing: failure.doing, side: failure.side, error: failure.error)
        state.withLock { state in
            state.report.counts.failed += 1
            if state.report.failures.count < keptFailures { state.report.failures.append(entry) }
            guard stops, failure.concernsAll else { return }
            state.hopeless += 1
            if state.hopeless >= MirrorTally.enough, state.stop == nil {
                state.stop = MirrorError(
                    failure.error.code == .limitExceeded ? .full : .refused,
                    "the last \(state.hopeless) objects failed alike", side: failure.side, cause: failure.error)
            }
        }
        observer.observe(.failed(entry))
    }
}
