import Basics
package import NIOCore
package import ResticFormat

/// What repairing packs saved.
package struct PackRepair: Sendable {
    package var savedBlobs: [BlobHandle] = []
    package var lostBlobs: [BlobHandle] = []
    package var removedPacks: [ResticID] = []
}

extension Repository {
    /// Moves what can still be read of damaged packs into new packs, and removes the damaged ones. Needs an exclusive lock.
    ///
    /// - Parameter keepCopy: gets each pack's bytes before it is removed, to keep them for whoever knows more. Memory: one
    ///   pack.
    /// - Throws: `.store`, `.cancelled`; what `keepCopy` throws: nothing is removed then.
    package func repairPacks(
        _ ids: [ResticID], keepCopy: (ResticID, ByteBuffer) async throws -> Void = { _, _ in }
    ) async throws -> PackRepair {
        let (index, damage) = try await readIndex()
        if let first = damage.first {
            throw RepositoryError(.damaged, "repair the index first", cause: first.error)
        }
        let indexed = IndexedRepository(repository: self, index: index)
        let contents = PackContents(index)
        var sizes: [ResticID: Int64] = [:]
        for file in try await files.list(.pack) { sizes[file.id] = file.size }
        var packs: [SalvagedPack] = []
        for id in ids {
            guard let size = sizes[id] else { continue }
            let bytes = size == 0 ? ByteBuffer() : try await files.loadRange(id, 0..<Int(size))
            try await keepCopy(id, bytes)
            packs.append(try await salvagedPack(id, bytes, contents.blobs(of: id) ?? []))
        }
        var repair = try await rescue(packs, into: indexed)
        let numbers = Set(ids.compactMap { index.packs.existingNumber(of: $0) })
        try await rewriteIndex(index, excluded: { numbers.contains($0) })
        let present = ids.filter { sizes[$0] != nil }
        let failures = try await files.remove(.pack, present)
        if let (id, error) = failures.first { throw RepositoryError(error, "removing pack \(id)") }
        repair.removedPacks = present
        return repair
    }

    /// The pack with all blobs that its index entry or its own header names.
    private func salvagedPack(
        _ id: ResticID, _ bytes: ByteBuffer, _ known: [PackedBlob]
    ) async throws(RepositoryError) -> SalvagedPack {
        var blobs = known
        do throws(RepositoryError) {
            let header = try await loadHeader(id, size: bytes.readableBytes)
            blobs += header.blobs.filter { !known.contains($0) }
        } catch {
            if error.code == .store || error.code == .cancelled { throw error }
        }
        return SalvagedPack(id: id, bytes: bytes, blobs: blobs)
    }

    private func rescue(_ packs: [SalvagedPack], into indexed: IndexedRepository) async throws -> PackRepair {
        let broken = Set(packs.map(\.id))
        return try await indexed.withBlobWriter { writer in
            var repair = PackRepair()
            for pack in packs {
                for blob in pack.blobs {
                    try await writer.waitForRoom()
                    if let plain = pack.plain(blob, self) {
                        _ = try plain.withUnsafeBytes { try writer.saveAgain(blob.handle, $0) }
                        repair.savedBlobs.append(blob.handle)
                    } else if indexed.index.locations(of: blob.handle).allSatisfy({ broken.contains($0.pack) }) {
                        repair.lostBlobs.append(blob.handle)
                    }
                }
            }
            return repair
        }
    }
}

private struct SalvagedPack: Sendable {
    let id: ResticID
    let bytes: ByteBuffer
    let blobs: [PackedBlob]

    /// The content of a blob; nil if it is damaged or cut off.
    func plain(_ blob: PackedBlob, _ repository: Repository) -> [UInt8]? {
        guard var sealed = bytes.getSlice(at: bytes.readerIndex + Int(blob.offset), length: Int(blob.sealedLength))
        else { return nil }
        do {
            return try sealed.withUnsafeMutableReadableBytes { try repository.decode($0, blob) }
        } catch {
            return nil
        }
    }
}
