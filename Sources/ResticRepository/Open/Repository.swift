import Basics
import NIOCore
package import ResticFormat

/// An opened repository: its config is read and its key is known. `loadIndex` makes it able to find blobs.
///
/// Safe to use from any task. Opening costs up to half a second by design; open once and keep it.
package final class Repository: Sendable {
    package let files: RepositoryFiles
    package let config: RepositoryConfig
    /// The key file that the password opened.
    package let keyID: ResticID
    package let environment: RepositoryEnvironment
    let key: MasterKey
    let nonces = NonceSource()
    let scratch = ObjectPool<ScratchMemory>()
    private let compressors = ObjectPool<Compressor>()
    private let decompressors = ObjectPool<Decompressor>()

    init(
        files: RepositoryFiles, config: RepositoryConfig, keyID: ResticID, key: MasterKey,
        environment: RepositoryEnvironment
    ) {
        self.files = files
        self.config = config
        self.keyID = keyID
        self.key = key
        self.environment = environment
    }

    /// The present time with the zone of this place.
    func now() -> NodeTime {
        let now = environment.clock.now()
        return NodeTime(now, zoneOffset: environment.zoneOffset(now))
    }

    /// Runs `body` with a context that nobody else uses meanwhile.
    func decompressing<Result>(
        _ body: (Decompressor) throws(FormatError) -> Result
    ) throws(FormatError) -> Result {
        let decompressor = try decompressors.take { () throws(FormatError) in try Decompressor() }
        defer { decompressors.giveBack(decompressor) }
        return try body(decompressor)
    }

    func decompress(_ compressed: [UInt8], length: Int) throws(FormatError) -> [UInt8] {
        try decompressing { decompressor throws(FormatError) in
            try compressed.span.bytes.withUnsafeBytes { bytes throws(FormatError) in
                try decompressor.decompress(bytes, length: length)
            }
        }
    }

    /// Reads an index file, a snapshot or a lock: its JSON.
    ///
    /// - Throws: `.notFound`, `.damaged`, `.unsupported`.
    package func loadUnpacked(_ kind: FileKind, _ id: ResticID) async throws(RepositoryError) -> [UInt8] {
        let stored = try await files.load(kind, id)
        do throws(FormatError) {
            return try decompressing { decompressor throws(FormatError) in
                try UnpackedCodec(key: key, version: config.version).open(Array(buffer: stored), with: decompressor)
            }
        } catch {
            throw RepositoryError(error, in: "\(kind) \(id)")
        }
    }

    /// Writes an index file, a snapshot or a lock.
    func saveUnpacked(_ kind: FileKind, _ json: [UInt8]) async throws(RepositoryError) -> ResticID {
        let sealed: [UInt8]
        do throws(FormatError) {
            let compressor = try compressors.take { () throws(FormatError) in try Compressor(.auto) }
            defer { compressors.giveBack(compressor) }
            sealed = try UnpackedCodec(key: key, version: config.version)
                .seal(json, iv: nonces.next(), with: compressor)
        } catch {
            throw RepositoryError(.invalid, "\(kind) of \(json.count) bytes cannot be sealed", cause: error)
        }
        return try await files.save(kind, ByteBuffer(bytes: sealed))
    }
}
