internal import Synchronization

/// Counts, and tells whoever asked, after each batch.
final class ProgressMeter: Sendable {
    private let state = Mutex(BackupProgress())
    private let sink: @Sendable (BackupProgress) -> Void

    init(_ sink: @escaping @Sendable (BackupProgress) -> Void) { self.sink = sink }

    var now: BackupProgress { state.withLock { $0 } }

    func expect(lists: Int) { tell { $0.listsTotal += lists } }
    func listEnded() { tell { $0.listsDone += 1 } }
    func add(items: Int) { tell { $0.itemsBackedUp += items } }
    func add(bytes: Int) { tell { $0.bytesWritten += Int64(bytes) } }

    private func tell(_ change: (inout BackupProgress) -> Void) {
        let progress = state.withLock { state in
            change(&state)
            return state
        }
        sink(progress)
    }
}
