package import Basics
package import NIOCore
package import ObjectStorage
package import ResticFormat

/// A file of the repository as the store lists it.
package struct ListedFile: Sendable, Hashable {
    package let id: ResticID
    /// In bytes.
    package let size: Int64
    /// By the store's clock; nil if it does not say.
    package let modified: Timestamp?
}

/// The files of a repository as sealed bytes: where they lie in the store, and whether they are what their names say.
///
/// Retry is the store's business: hand over one that retries.
package struct RepositoryFiles: Sendable {
    package let store: any ObjectStore
    let gate = OperationGate()
    /// Closed while an own lock is written and not yet certain: what reads goes on, what changes the repository waits.
    let changes = OperationGate()

    package init(_ store: any ObjectStore) { self.store = store }

    static let configKey = ObjectKey("config")!

    package func objectKey(_ kind: FileKind, _ id: ResticID) -> ObjectKey {
        // A path of a repository is 6 to 80 bytes of ASCII: always a key.
        ObjectKey(kind.path(id))!
    }

    /// Reads a whole file other than a pack, and once more if it is not what its name says: a transfer may have failed.
    ///
    /// - Throws: `.notFound`, `.damaged` if its SHA-256 is not its name, or it is larger than such files can be.
    package func load(_ kind: FileKind, _ id: ResticID) async throws(RepositoryError) -> ByteBuffer {
        try await pass(kind)
        let first = try await read(kind, id)
        if ResticID(hashing: first.readableBytesSpan) == id { return first }
        let second = try await read(kind, id)
        let found = ResticID(hashing: second.readableBytesSpan)
        guard found == id else {
            throw RepositoryError(
                .damaged,
                "\(kind) \(id) was altered: its \(second.readableBytes) bytes have the SHA-256 \(found.shortDescription)…"
            )
        }
        return second
    }

    private func read(_ kind: FileKind, _ id: ResticID) async throws(RepositoryError) -> ByteBuffer {
        do throws(StoreError) {
            return try await store.read(objectKey(kind, id), limit: kind.sizeLimit)
        } catch {
            throw RepositoryError(error, reading: "\(kind) \(id)")
        }
    }

    /// Reads a part of a pack; nothing of it is verified.
    ///
    /// - Throws: `.notFound`, `.damaged` if the pack is shorter.
    package func loadRange(_ pack: ResticID, _ range: Range<Int>) async throws(RepositoryError) -> ByteBuffer {
        try await gate.pass()
        let options = GetOptions(range: Int64(range.lowerBound)..<Int64(range.upperBound))
        do throws(StoreError) {
            let bytes = try await store.read(
                objectKey(.pack, pack), limit: ByteCount(Int64(range.count)), options: options)
            if bytes.readableBytes == range.count { return bytes }
        } catch {
            if error.code != .invalid { throw RepositoryError(error, reading: "pack \(pack)") }
        }
        throw RepositoryError(
            .damaged, "pack \(pack) is too short: it has no bytes \(range.lowerBound)..<\(range.upperBound)")
    }

    /// As the other `loadRange`, into memory that is used again.
    /// - Parameters:
    ///   - buffer: its content is replaced; undefined after an error.
    ///   - visit: gets the bytes one part after another, as they come.
    func loadRange(
        _ pack: ResticID, _ range: Range<Int>, into buffer: inout ByteBuffer,
        _ visit: (UnsafeRawBufferPointer) -> Void
    ) async throws(RepositoryError) {
        buffer.clear(minimumCapacity: range.count)
        do {
            for try await chunk in try await open(pack, range).body where buffer.readableBytes <= range.count {
                chunk.withUnsafeReadableBytes(visit)
                buffer.writeImmutableBuffer(chunk)
            }
        } catch {
            let isShort = ((error as? RepositoryError)?.cause as? StoreError ?? error as? StoreError)?.code
            guard isShort == .invalid || isShort == .integrity else {
                throw RepositoryError(error, while: "reading pack \(pack)")
            }
        }
        guard buffer.readableBytes == range.count else {
            throw RepositoryError(
                .damaged, "pack \(pack) has no bytes \(range.lowerBound)..<\(range.upperBound)")
        }
    }

    /// Opens a part of a pack for reading, nil for all of it. Errors of the body are `StoreError`s.
    func open(_ pack: ResticID, _ range: Range<Int>?) async throws(RepositoryError) -> StoredObject {
        try await gate.pass()
        do throws(StoreError) {
            let range = range.map { Int64($0.lowerBound)..<Int64($0.upperBound) }
            return try await store.get(objectKey(.pack, pack), options: GetOptions(range: range))
        } catch {
            throw RepositoryError(error, reading: "pack \(pack)")
        }
    }

    /// Writes a file; its name is the SHA-256 of its bytes. May be repeated.
    package func save(_ kind: FileKind, _ bytes: ByteBuffer) async throws(RepositoryError) -> ResticID {
        let id = ResticID(hashing: bytes.readableBytesSpan)
        try await save(kind, id, bytes)
        return id
    }

    func save(_ kind: FileKind, _ id: ResticID, _ bytes: ByteBuffer) async throws(RepositoryError) {
        try await passForChange(kind)
        do throws(StoreError) {
            _ = try await store.put(bytes, at: objectKey(kind, id), options: PutOptions())
        } catch {
            throw RepositoryError(error, "writing \(kind) \(id) of \(bytes.readableBytes) bytes")
        }
    }

    /// All files of a kind, ascending by id. Names that are no ids, such as those of temporary files, are passed over.
    ///
    /// Memory: 72 bytes a file.
    package func list(_ kind: FileKind) async throws(RepositoryError) -> [ListedFile] {
        try await pass(kind)
        var files: [ListedFile] = []
        do {
            for try await object in store.objects(prefix: kind.folder) {
                guard let (found, id) = FileKind.file(at: object.key.text), found == kind else { continue }
                files.append(ListedFile(id: id, size: object.size, modified: object.lastModified))
            }
        } catch {
            throw RepositoryError(StoreError(error, while: "listing"), "listing the \(kind) files in \(store.location)")
        }
        files.sort { $0.id < $1.id }
        return files
    }

    /// Removes files, those that are gone already too.
    ///
    /// - Returns: those that could not be removed, each with its reason.
    package func remove(
        _ kind: FileKind, _ ids: [ResticID]
    ) async throws(RepositoryError) -> [ResticID: StoreError] {
        try await passForChange(kind)
        let batches = stride(from: 0, to: ids.count, by: RepositoryFiles.removalBatch).map {
            Array(ids[$0..<min($0 + RepositoryFiles.removalBatch, ids.count)])
        }
        do {
            let failures = try await mapConcurrently(batches, limit: 4) { [self] batch in
                try await removeBatch(kind, batch)
            }
            return failures.reduce(into: [:]) { all, some in all.merge(some) { first, _ in first } }
        } catch {
            throw RepositoryError(StoreError(error, while: "removing"), "removing \(ids.count) \(kind) files")
        }
    }

    /// What S3 takes in one request, a fourth of it: four requests run side by side.
    private static let removalBatch = 250

    private func removeBatch(_ kind: FileKind, _ ids: [ResticID]) async throws(StoreError) -> [ResticID: StoreError] {
        let failed = try await store.delete(ids.map { objectKey(kind, $0) })
        var failures: [ResticID: StoreError] = [:]
        for (key, error) in failed {
            if let (_, id) = FileKind.file(at: key.text) { failures[id] = error }
        }
        return failures
    }

    private func pass(_ kind: FileKind) async throws(RepositoryError) {
        if kind != .lock { try await gate.pass() }
    }

    private func passForChange(_ kind: FileKind) async throws(RepositoryError) {
        guard kind != .lock else { return }
        try await changes.pass()
        try await gate.pass()
    }
}

extension FileKind {
    /// More than such a file ever has; nothing larger is read into memory.
    var sizeLimit: ByteCount {
        switch self {
        case .config, .key, .lock: .mebibytes(1)
        case .snapshot: .mebibytes(64)
        // 460,000 blobs in an oversized file, 170 bytes each, uncompressed.
        case .index: .mebibytes(256)
        // Offsets have 32 bits.
        case .pack: .mebibytes(4096)
        }
    }
}
