import Basics
package import ResticFormat
import Synchronization

/// What a copy did with one snapshot.
package struct CopiedSnapshot: Sendable, Hashable {
    package let source: ResticID
    /// In the destination; nil if it was there already.
    package let copy: ResticID?
}

extension IndexedRepository {
    /// Copies snapshots with all they need into another repository. Blobs keep their ids; those that are there are not sent.
    ///
    /// Wants a shared lock on both. May be repeated: what is there already is skipped. Memory: two bits a blob of this
    /// repository, 80 bytes for each blob to send, and that of the writer.
    /// - Throws: `.damaged` if something that a snapshot needs cannot be read; `.store`, `.cancelled`.
    package func copy(
        _ snapshots: [StoredSnapshot], to destination: IndexedRepository, options: WriterOptions = WriterOptions(),
        report: @escaping ProgressReport = { _ in }
    ) async throws -> [CopiedSnapshot] {
        let present = try await destination.repository.snapshots()
        var copied: [CopiedSnapshot] = []
        for snapshot in snapshots {
            if present.contains(where: { snapshot.isCopied(as: $0) }) {
                copied.append(CopiedSnapshot(source: snapshot.id, copy: nil))
                continue
            }
            try await send(snapshot.snapshot.tree, to: destination, options, report)
            var copy = snapshot.snapshot
            copy.parent = nil
            copy.original = snapshot.snapshot.original ?? snapshot.id
            let id = try await destination.repository.saveSnapshot(copy)
            copied.append(CopiedSnapshot(source: snapshot.id, copy: id))
        }
        return copied
    }

    private func send(
        _ root: ResticID, to destination: IndexedRepository, _ options: WriterOptions,
        _ report: @escaping ProgressReport
    ) async throws {
        let wanted = try await blobs(beneath: root, missingIn: destination.index)
        let reads = PackReadPlan.plan(wanted)
        guard !reads.isEmpty else { return }
        try await destination.withBlobWriter(options) { writer in
            try await forEachConcurrently(reads.enumerated(), limit: 3) { number, read in
                try await writer.waitForRoom()
                let failures = try await self.read(read) { place, bytes in
                    let handle = read.blobs[place].handle
                    _ = try writer.save(handle.kind, id: handle.id, bytes)
                }
                if let failure = failures.first { throw failure.error }
                report(RepositoryProgress(stage: .copying, done: number + 1, total: reads.count, bytes: 0))
            }
        }
    }

    /// What the destination lacks of a tree and all beneath, pack by pack.
    private func blobs(
        beneath root: ResticID, missingIn destination: RepositoryIndex
    ) async throws(RepositoryError) -> [(pack: ResticID, blob: PackedBlob)] {
        let collect = MissingBlobs(destination: destination, source: index)
        try await TreeSweep(repository: self).run(roots: [root]) { collect.note($0) }
        return try collect.finish()
    }
}

private final class MissingBlobs: Sendable {
    private let destination: RepositoryIndex
    private let source: RepositoryIndex
    private let state = Mutex<(blobs: Set<BlobHandle>, failure: RepositoryError?)>(([], nil))

    init(destination: RepositoryIndex, source: RepositoryIndex) {
        self.destination = destination
        self.source = source
    }

    func note(_ swept: SweptTree) -> [ResticID] {
        switch swept {
        case .bad(_, let error):
            state.withLock { $0.failure = $0.failure ?? error }
            return []
        case .tree(let id, let tree):
            let handles =
                [BlobHandle(.tree, id)] + tree.nodes.flatMap { ($0.content ?? []).map { BlobHandle(.data, $0) } }
            let missing = handles.filter { !destination.contains($0) }
            state.withLock { $0.blobs.formUnion(missing) }
            return tree.subtrees
        }
    }

    func finish() throws(RepositoryError) -> [(pack: ResticID, blob: PackedBlob)] {
        let (blobs, failure) = state.withLock { $0 }
        if let failure { throw failure }
        var wanted: [(pack: ResticID, blob: PackedBlob)] = []
        for handle in blobs.sorted() {
            guard let location = source.location(of: handle) else {
                throw RepositoryError(.damaged, "\(handle.kind) blob \(handle.id) is in no index")
            }
            wanted.append((location.pack, location.packed(handle)))
        }
        return wanted
    }
}

extension StoredSnapshot {
    /// Whether `other`, in another repository, is a copy of this one, or both are copies of a third.
    func isCopied(as other: StoredSnapshot) -> Bool {
        let own = Set([id, snapshot.original].compactMap { $0 })
        let theirs = Set([other.id, other.snapshot.original].compactMap { $0 })
        guard !own.isDisjoint(with: theirs) else { return false }
        let (left, right) = (snapshot, other.snapshot)
        return left.time.isSameInstant(as: right.time) && left.tree == right.tree && left.hostname == right.hostname
            && left.username == right.username && left.userID == right.userID && left.groupID == right.groupID
            && left.paths == right.paths && left.excludes == right.excludes && left.tags == right.tags
    }
}
