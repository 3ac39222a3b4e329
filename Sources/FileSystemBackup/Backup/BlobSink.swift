import Basics
import ResticFormat
import ResticRepository
import Synchronization

/// Where a backup's blobs go: into a repository, or nowhere in a dry run.
protocol BlobSink: Sendable {
    /// Whether the blob is in the repository, or will be.
    func contains(_ handle: BlobHandle) -> Bool
    /// Waits while too much waits to be uploaded. To be called before `save`.
    func waitForRoom() async throws
    /// Takes a copy of `bytes`, whose SHA-256 is `id`.
    func save(_ kind: BlobKind, id: ResticID, _ bytes: UnsafeRawBufferPointer) throws -> SinkAnswer
}

/// What became of a blob.
struct SinkAnswer: Sendable {
    let isNew: Bool
    /// Bytes in the repository; of a new blob only.
    let storedLength: Int
}

/// Blobs of a repository.
struct RepositorySink: BlobSink {
    let index: RepositoryIndex
    let writer: BlobWriter

    func contains(_ handle: BlobHandle) -> Bool { index.contains(handle) }

    func waitForRoom() async throws { try await writer.waitForRoom() }

    func save(_ kind: BlobKind, id: ResticID, _ bytes: UnsafeRawBufferPointer) throws -> SinkAnswer {
        let saved = try writer.save(kind, id: id, bytes)
        return SinkAnswer(isNew: saved.isNew, storedLength: saved.storedLength)
    }
}

/// Counts what would be stored. Memory: about 50 bytes for each blob that would be new.
final class DryRunSink: BlobSink {
    private let index: RepositoryIndex
    private let seen = Mutex<Set<BlobHandle>>([])

    init(index: RepositoryIndex) { self.index = index }

    func contains(_ handle: BlobHandle) -> Bool {
        index.contains(handle) || seen.withLock { $0.contains(handle) }
    }

    func waitForRoom() async throws {}

    /// The stored length is not known without compressing: the sealed length of the plain bytes stands for it.
    func save(_ kind: BlobKind, id: ResticID, _ bytes: UnsafeRawBufferPointer) throws -> SinkAnswer {
        let handle = BlobHandle(kind, id)
        guard !index.contains(handle), seen.withLock({ $0.insert(handle).inserted }) else {
            return SinkAnswer(isNew: false, storedLength: 0)
        }
        return SinkAnswer(isNew: true, storedLength: bytes.count + MasterKey.overhead)
    }
}
