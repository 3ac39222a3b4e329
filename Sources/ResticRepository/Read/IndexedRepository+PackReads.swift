import NIOCore
import ObjectStorage
package import ResticFormat

/// A blob that cannot be read, and why.
package struct BlobFailure: Sendable {
    package let handle: BlobHandle
    package let error: RepositoryError
}

extension IndexedRepository {
    /// Fetches the blobs of one request and lends each, verified, to `body`, by and large in the order of their offsets.
    ///
    /// A blob that is damaged there is looked for in other packs. Run several of these at once. Memory: two blobs (8 MiB
    /// each, as a rule at most) and a chunk of the store.
    /// - Parameters:
    ///   - places: for each blob where its bytes will go in a file. In memory they lie in the same way against pages then,
    ///     so that they can be written past the page cache. Empty where that does not matter.
    ///   - body: gets the place of the blob in `read.blobs`, and its bytes, which are valid during the call.
    /// - Returns: the blobs that no copy has.
    /// - Throws: `.store`, `.cancelled`; what `body` throws.
    package func read(
        _ read: PackRead, placedAt places: [UInt64] = [], _ body: (Int, UnsafeRawBufferPointer) throws -> Void
    ) async throws -> [BlobFailure] {
        let rest = try await stream(read, places, body)
        var failures: [BlobFailure] = []
        for place in rest {
            let handle = read.blobs[place].handle
            switch try await tryLoadBlob(handle) {
            case .success(let bytes): try bytes.withUnsafeBytes { try body(place, $0) }
            case .failure(let error): failures.append(BlobFailure(handle: handle, error: error))
            }
        }
        return failures
    }

    /// A blob, or why no copy of it is good.
    /// - Throws: `.store`, `.cancelled`.
    func tryLoadBlob(_ handle: BlobHandle) async throws(RepositoryError) -> Result<[UInt8], RepositoryError> {
        do throws(RepositoryError) {
            return .success(try await loadBlob(handle))
        } catch {
            if error.code == .store || error.code == .cancelled { throw error }
            return .failure(error)
        }
    }

    /// Streams the request.
    /// - Returns: the places of blobs that could not be had this way.
    private func stream(
        _ read: PackRead, _ places: [UInt64], _ body: (Int, UnsafeRawBufferPointer) throws -> Void
    ) async throws -> [Int] {
        guard let opened = try await tryOpen(read) else { return Array(read.blobs.indices) }
        let (sealed, inflated) = (
            repository.scratch.take { ScratchMemory() }, repository.scratch.take { ScratchMemory() }
        )
        defer {
            repository.scratch.giveBack(sealed)
            repository.scratch.giveBack(inflated)
        }
        var stream = PackStream(opened.body, start: read.range.lowerBound)
        var failed: [Int] = []
        for (place, blob) in read.blobs.enumerated() {
            guard blob.range.lowerBound >= stream.position else {
                failed.append(place)
                continue
            }
            let page = Int(truncatingIfNeeded: place < places.count ? places[place] : 0) & (ScratchMemory.page - 1)
            do {
                guard try await stream.skip(to: blob.range.lowerBound),
                    let bytes = try await stream.take(
                        Int(blob.sealedLength), sealed, placedAt: page - MasterKey.overhead / 2)
                else { return failed + Array(read.blobs.indices[place...]) }
                let isGood = try repository.lend(bytes, blob, inflated, placedAt: page) { try body(place, $0) }
                if !isGood { failed.append(place) }
            } catch let error as StoreError {
                guard error.code == .integrity else { throw RepositoryError(error, reading: "pack \(read.pack)") }
                return failed + Array(read.blobs.indices[place...])
            }
        }
        return failed
    }

    /// The open request; nil if the pack is not there or too short.
    private func tryOpen(_ read: PackRead) async throws(RepositoryError) -> StoredObject? {
        do throws(RepositoryError) {
            return try await repository.files.open(read.pack, read.range)
        } catch {
            let isInvalid = (error.cause as? StoreError)?.code == .invalid
            guard error.code == .notFound || isInvalid else { throw error }
            return nil
        }
    }
}

extension Repository {
    /// Decodes a blob and lends it to `body`.
    /// - Returns: false if the blob is damaged; `body` did not run then.
    func lend(
        _ sealed: UnsafeMutableRawBufferPointer, _ blob: PackedBlob, _ scratch: ScratchMemory, placedAt page: Int,
        _ body: (UnsafeRawBufferPointer) throws -> Void
    ) throws -> Bool {
        let plain: UnsafeRawBufferPointer
        do throws(FormatError) {
            plain = try decode(sealed, blob, scratch, placedAt: page)
        } catch {
            return false
        }
        try body(plain)
        return true
    }
}
