internal import Basics
package import KubernetesModel
internal import NIOCore
package import ObjectStorage

/// An archive that is open for reading: its index, and the bytes of each object in any order.
///
/// Opening reads the whole archive once, checks all of it, and unpacks one copy of each object into a temporary file
/// without a name; so nothing is restored from an archive that turns out to be damaged half-way. Memory: the index,
/// about 80 bytes an object; disk: the objects, unpacked. Safe to use from any task.
package final class BackupArchiveReader: Sendable {
    package let index: ArchiveIndex
    private let spool: Spool

    private init(index: ArchiveIndex, spool: Spool) {
        self.index = index
        self.spool = spool
    }

    /// Reads a packed archive from a stream.
    ///
    /// - Parameter folder: for the temporary file, usually `TMPDIR`.
    /// - Throws: `.damaged`, `.hostile`, `.tooLarge`, `.localDisk`; `.unavailable` if the stream breaks; `.cancelled`.
    package static func open(
        _ stream: ByteStream, temporaryFolder folder: String, limits: ArchiveLimits = ArchiveLimits()
    ) async throws(ClusterBackupError) -> BackupArchiveReader {
        let spool = try Spool(inFolder: folder)
        var scanner = ArchiveScanner(spool: spool, limits: limits)
        do {
            for try await chunk in stream {
                try Task.checkCancellation()
                try scanner.consume(chunk)
            }
        } catch let error as ClusterBackupError {
            throw error
        } catch let error as StoreError {
            let code: ClusterBackupError.Code = error.code == .cancelled ? .cancelled : .unavailable
            throw ClusterBackupError(code, "the archive could not be read to its end", cause: error)
        } catch {
            throw ClusterBackupError(.cancelled, "reading the archive was cancelled", cause: error)
        }
        return BackupArchiveReader(index: try scanner.finish(), spool: spool)
    }

    /// Reads a packed archive that is in memory, and keeps its objects there.
    package static func open(
        _ packed: [UInt8], limits: ArchiveLimits = ArchiveLimits()
    ) throws(ClusterBackupError) -> BackupArchiveReader {
        let spool = Spool(memory: ())
        var scanner = ArchiveScanner(spool: spool, limits: limits)
        try scanner.consume(ByteBuffer(bytes: packed))
        return BackupArchiveReader(index: try scanner.finish(), spool: spool)
    }

    /// The bytes of one object of `index`, as they were written: JSON, but not checked to be.
    ///
    /// - Throws: `.localDisk`.
    package func bytes(of item: ArchivedItem) throws(ClusterBackupError) -> [UInt8] {
        try spool.read(item.offset..<(item.offset + Int64(item.size)))
    }

    /// One object, decoded. The names in its metadata are its own: a caller that acts on them compares with `item`.
    ///
    /// - Throws: `.damaged` if it is no JSON object; `.localDisk`.
    package func object(of item: ArchivedItem) throws(ClusterBackupError) -> APIObject {
        let bytes = try bytes(of: item)
        do throws(JSONError) {
            return try APIObject(parsing: bytes)
        } catch {
            throw ClusterBackupError(.damaged, "archive entry of \(item.reference): not an object", cause: error)
        }
    }

    /// Frees the temporary file; deinit does it too. Nothing may be read afterwards.
    package func close() { spool.close() }
}

extension ArchiveScanner {
    fileprivate mutating func consume(_ chunk: ByteBuffer) throws(ClusterBackupError) {
        var problem: ClusterBackupError?
        chunk.withUnsafeReadableBytes { bytes in
            do throws(ClusterBackupError) {
                try consume(bytes)
            } catch {
                problem = error
            }
        }
        if let problem { throw problem }
    }
}
