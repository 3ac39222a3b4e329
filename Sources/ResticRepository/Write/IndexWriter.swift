import Basics
package import ResticFormat
import Synchronization

/// Writes index files for packs that are stored: a full one at 50,000 blobs, whatever there is after ten minutes, the rest at
/// the end. Memory: 60 bytes for each blob that waits, and 200 while a file is made.
final class IndexWriter: Sendable {
    private struct State {
        var packs: [IndexFile.Pack] = []
        var blobs = 0
        var since: Timestamp

        mutating func take() -> [IndexFile.Pack] {
            defer { (packs, blobs) = ([], 0) }
            return packs
        }
    }

    private let repository: Repository
    private let interval: Duration
    private let state: Mutex<State>
    private let written = Mutex<[ResticID]>([])

    init(_ repository: Repository, interval: Duration = .seconds(600)) {
        self.repository = repository
        self.interval = interval
        state = Mutex(State(since: repository.environment.clock.now()))
    }

    /// The index files that were written.
    var files: [ResticID] { written.withLock { $0 } }

    /// Takes a stored pack in, and writes a file if it is time.
    func add(_ pack: ResticID, _ blobs: [PackedBlob]) async throws(RepositoryError) {
        let now = repository.environment.clock.now()
        let full = state.withLock { state -> [IndexFile.Pack] in
            if state.packs.isEmpty { state.since = now }
            state.packs.append(IndexFile.Pack(id: pack, blobs: blobs))
            state.blobs += blobs.count
            let isDue = state.blobs >= IndexFile.fullBlobCount || now - state.since >= interval
            return isDue ? state.take() : []
        }
        try await write(full)
    }

    /// Writes what is left.
    func flush() async throws(RepositoryError) {
        try await write(state.withLock { $0.take() })
    }

    private func write(_ packs: [IndexFile.Pack]) async throws(RepositoryError) {
        guard !packs.isEmpty else { return }
        let id = try await repository.saveUnpacked(.index, IndexFile(packs: packs).encoded())
        written.withLock { $0.append(id) }
    }
}

extension Repository {
    /// Writes an index file that says just this. For tools and tests; a writer makes its own.
    @discardableResult
    package func saveIndex(_ file: IndexFile) async throws(RepositoryError) -> ResticID {
        try await saveUnpacked(.index, file.encoded())
    }
}
