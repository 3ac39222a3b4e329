import ResticFormat
import Synchronization

/// Copies of packs that somebody kept.
final class BytesKept: Sendable {
    private let state = Mutex<[ResticID: Int]>([:])

    var ids: [ResticID] { state.withLock { $0.filter { $0.value > 0 }.keys.sorted() } }

    func add(_ id: ResticID, _ count: Int) { state.withLock { $0[id] = count } }
}
