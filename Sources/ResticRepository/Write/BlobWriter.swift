import Basics
import NIOCore
package import ResticFormat
import Synchronization

/// Adds blobs to a repository. Any number of tasks may save at once; each compresses and seals in its own thread, straight
/// into the pack's memory.
///
/// Comes from `IndexedRepository.withBlobWriter`. Memory: see `WriterOptions`; two open packs (one of data, one of trees),
/// those that wait and those under way, each of about 18 MiB, and one scratch buffer for each saving task.
package final class BlobWriter: Sendable {
    let repository: Repository
    private let index: RepositoryIndex
    private let options: WriterOptions
    private let compresses: Bool
    private let dataPacker: Packer
    private let treePacker: Packer
    private let pool: PackMemoryPool
    let queue: UploadQueue
    private let indexWriter: IndexWriter
    private let compressors = ObjectPool<BlobCompressor>()
    private let total = Mutex(WriterCounts())

    init(_ repository: Repository, index: RepositoryIndex, options: WriterOptions) {
        self.repository = repository
        self.index = index
        self.options = options
        compresses = repository.config.version == .v2
        pool = PackMemoryPool(
            capacity: options.packBytes + BlobWriter.packSlack, limit: options.uploads + options.waitingPacks + 1)
        dataPacker = Packer(target: options.packBytes, pool: pool)
        treePacker = Packer(target: options.packBytes, pool: pool)
        queue = UploadQueue(limit: options.waitingPacks)
        indexWriter = IndexWriter(repository, interval: options.indexInterval)
    }

    /// Room for the last blob and the header. A blob that does not fit begins the next pack.
    private static let packSlack = 2 << 20
    /// Offsets and lengths in packs have 32 bits; a tree of a million entries has 500 MB.
    private static let largestBlob = 1 << 30

    package var counts: WriterCounts { total.withLock { $0 } }

    /// Waits while packs wait to be stored. Ask before each `save`; costs nothing as a rule.
    ///
    /// - Throws: why packs cannot be stored any more; all further calls throw it too.
    package func waitForRoom() async throws(RepositoryError) { try await queue.waitForRoom() }

    /// Stores a blob, unless the repository has it. It is in the store after `flush`.
    ///
    /// - Parameter id: the SHA-256 of `plaintext`.
    /// - Throws: `.invalid` for a blob of more than 1 GiB. The writer is of no use after an error.
    package func save(
        _ kind: BlobKind, id: ResticID, _ plaintext: UnsafeRawBufferPointer
    ) throws(RepositoryError) -> SavedBlob {
        guard plaintext.count <= BlobWriter.largestBlob else {
            throw RepositoryError(.invalid, "a blob of \(plaintext.count) bytes is too large for a pack")
        }
        let handle = BlobHandle(kind, id)
        guard !index.table(kind).contains(id), index.pending.claim(handle, plainLength: plaintext.count) else {
            return SavedBlob(isNew: false, storedLength: 0)
        }
        return try add(handle, plaintext)
    }

    package func save(
        _ kind: BlobKind, id: ResticID, _ plaintext: borrowing RawSpan
    ) throws(RepositoryError) -> SavedBlob {
        try plaintext.withUnsafeBytes { bytes throws(RepositoryError) in try save(kind, id: id, bytes) }
    }

    package func save(
        _ kind: BlobKind, id: ResticID, _ plaintext: [UInt8]
    ) throws(RepositoryError) -> SavedBlob {
        try save(kind, id: id, plaintext.span.bytes)
    }

    /// Stores a blob even if the repository has it: for prune and repair, whose copies replace others.
    func saveAgain(_ handle: BlobHandle, _ plaintext: UnsafeRawBufferPointer) throws(RepositoryError) -> SavedBlob {
        _ = index.pending.claim(handle, plainLength: plaintext.count)
        return try add(handle, plaintext)
    }

    private func add(_ handle: BlobHandle, _ plaintext: UnsafeRawBufferPointer) throws(RepositoryError) -> SavedBlob {
        do throws(FormatError) {
            let length = try compressing(handle.kind, plaintext)
            count(handle.kind, plaintext.count, length)
            return SavedBlob(isNew: true, storedLength: length)
        } catch {
            throw RepositoryError(.invalid, "\(handle) of \(plaintext.count) bytes cannot be stored", cause: error)
        }

        func compressing(_ kind: BlobKind, _ plain: UnsafeRawBufferPointer) throws(FormatError) -> Int {
            guard compresses, !(kind == .data && options.compression == .off) else {
                return try place(handle, plain, uncompressedLength: 0)
            }
            let compressor = try compressors.take { () throws(FormatError) in try BlobCompressor(options.compression) }
            defer { compressors.giveBack(compressor) }
            guard let compressed = try compressor.compress(kind, plain) else {
                return try place(handle, plain, uncompressedLength: 0)
            }
            return try place(handle, compressed, uncompressedLength: plain.count)
        }
    }

    private func place(
        _ handle: BlobHandle, _ payload: UnsafeRawBufferPointer, uncompressedLength: Int
    ) throws(FormatError) -> Int {
        let packer = handle.kind == .data ? dataPacker : treePacker
        let length = payload.count + MasterKey.overhead
        let (slot, complete) = packer.reserve(
            handle, sealedLength: length, uncompressedLength: uncompressedLength)
        if let complete { queue.push(complete) }
        repository.key.seal(payload, iv: repository.nonces.next(), into: slot.region)
        if options.verifiesSealing, !repository.key.isSeal(UnsafeRawBufferPointer(slot.region), of: payload) {
            throw FormatError(.mismatch, "what was sealed is not what was to be sealed: broken memory?")
        }
        if let full = packer.fill(slot) { queue.push(full) }
        return length
    }

    private func count(_ kind: BlobKind, _ plain: Int, _ stored: Int) {
        total.withLock { total in
            if kind == .data { total.dataBlobs += 1 } else { total.treeBlobs += 1 }
            total.plainBytes += Int64(plain)
            total.storedBytes += Int64(stored)
        }
    }

    /// Stores everything saved so far, and then the index files that name it. A snapshot may be written afterwards.
    ///
    /// No `save` may run meanwhile; the writer can be used again afterwards.
    package func flush() async throws(RepositoryError) {
        if let pack = dataPacker.close() { queue.push(pack) }
        if let pack = treePacker.close() { queue.push(pack) }
        try await queue.waitUntilIdle()
        try await indexWriter.flush()
    }

    /// Stores packs until the queue ends; one of several such loops. Throws its own failure only.
    func upload() async throws(RepositoryError) {
        while let pack = await queue.next() {
            do throws(RepositoryError) {
                try await store(pack)
            } catch {
                queue.fail(error)
                throw error
            }
            queue.done()
        }
    }

    private func store(_ pack: OpenPack) async throws(RepositoryError) {
        let blobs = pack.blobs
        var bytes: ByteBuffer
        do throws(FormatError) {
            bytes = try pack.finish(key: repository.key, nonces: repository.nonces)
        } catch {
            throw RepositoryError(.invalid, "a pack of \(blobs.count) blobs cannot be finished", cause: error)
        }
        let id = ResticID(hashing: bytes.readableBytesSpan)
        try await repository.files.save(.pack, id, bytes)
        pool.giveBack(&bytes)
        index.pending.store(id, blobs)
        total.withLock { $0.packs += 1 }
        try await indexWriter.add(id, blobs)
    }
}
