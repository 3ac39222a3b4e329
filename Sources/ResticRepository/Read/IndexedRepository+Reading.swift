import NIOCore
package import ResticFormat

extension IndexedRepository {
    /// Reads a blob. If a copy is damaged or missing, the others are tried.
    ///
    /// - Throws: `.damaged` if the index does not know it or no copy is good, `.store`, `.cancelled`.
    ///   Memory: twice the blob.
    package func loadBlob(_ handle: BlobHandle) async throws(RepositoryError) -> [UInt8] {
        let locations = index.locations(of: handle)
        guard !locations.isEmpty else {
            throw RepositoryError(.damaged, "\(handle.kind) blob \(handle.id) is in no index")
        }
        var first: RepositoryError?
        for location in locations {
            do throws(RepositoryError) {
                return try await loadBlob(handle, at: location)
            } catch {
                if error.code == .cancelled || error.code == .store { throw error }
                first = first ?? error
            }
        }
        guard let first, first.code != .notFound else {
            throw RepositoryError(.damaged, "\(handle.kind) blob \(handle.id) cannot be read", cause: first)
        }
        throw first
    }

    func loadBlob(_ handle: BlobHandle, at location: BlobLocation) async throws(RepositoryError) -> [UInt8] {
        var sealed = try await repository.files.loadRange(
            location.pack, location.offset..<(location.offset + location.length))
        let blob = location.packed(handle)
        do {
            return try sealed.withUnsafeMutableReadableBytes { try repository.decode($0, blob) }
        } catch {
            throw RepositoryError(
                .damaged, "\(handle.kind) blob \(handle.id) in pack \(location.pack.shortDescription) is damaged",
                cause: error)
        }
    }

    /// Reads a directory.
    ///
    /// - Throws: as `loadBlob`; `.damaged` if the text is no directory.
    package func loadTree(_ id: ResticID) async throws(RepositoryError) -> Tree {
        let text = try await loadBlob(BlobHandle(.tree, id))
        do throws(FormatError) {
            return try Tree(decoding: text)
        } catch {
            throw RepositoryError(error, in: "tree \(id)")
        }
    }
}

extension BlobLocation {
    func packed(_ handle: BlobHandle) -> PackedBlob {
        PackedBlob(
            handle, offset: UInt32(offset), sealedLength: UInt32(length),
            uncompressedLength: UInt32(uncompressedLength ?? 0))
    }
}
