internal import Basics
internal import KubernetesModel

/// Turns the packed bytes of an archive, pushed in chunks, into an index and a spool: gzip, tar, meaning.
struct ArchiveScanner {
    private let inflater = GzipInflater()
    private var tar: TarReader
    private var receiver: SpoolReceiver
    private let limits: ArchiveLimits

    init(spool: Spool, limits: ArchiveLimits) {
        tar = TarReader(limits: limits)
        receiver = SpoolReceiver(spool: spool)
        self.limits = limits
    }

    mutating func consume(_ packed: UnsafeRawBufferPointer) throws(ClusterBackupError) {
        let inflater = inflater
        try inflater.consume(packed) { (bytes) throws(ClusterBackupError) in
            if inflater.producedBytes > 256 << 20 {
                let consumed = inflater.consumedBytes + Int64(packed.count)
                guard inflater.producedBytes / limits.ratio <= consumed else {
                    throw ClusterBackupError(
                        .tooLarge,
                        "\(ByteCount(consumed)) unpack to over \(ByteCount(inflater.producedBytes)): no archive of "
                            + "objects does that")
                }
            }
            try tar.consume(bytes, receiver: &receiver)
        }
    }

    /// - Throws: `.damaged` if the archive is not whole.
    consuming func finish() throws(ClusterBackupError) -> ArchiveIndex {
        try inflater.finish()
        try tar.finish()
        try receiver.flush()
        return ArchiveIndex(receiver.builder, objectBytes: ByteCount(receiver.end))
    }
}

/// Stores each object once. Writes go out in pieces of a megabyte, not object by object.
private struct SpoolReceiver: TarReceiver {
    private enum Target { case nothing, item(ItemPath, size: Int64), formatVersion([UInt8]) }

    let spool: Spool
    private(set) var builder = ArchiveIndexBuilder()
    /// Where the next object will lie in the spool.
    private(set) var end: Int64 = 0
    private var pending: [UInt8] = []
    private var target = Target.nothing
    private static let pieceSize = 1 << 20

    init(spool: Spool) { self.spool = spool }

    mutating func beginFile(path: String, size: Int64, at offset: Int64) throws(ClusterBackupError) {
        switch try EntryMeaning(path: path, at: offset) {
        case .formatVersion:
            guard size <= 64 else {
                throw ClusterBackupError(.damaged, "metadata/version at byte \(offset) has \(size) bytes")
            }
            target = .formatVersion([])
        case .item(let item):
            target = builder.isSecondCopy(item, size: size) ? .nothing : .item(item, size: size)
        case .foreign:
            builder.foreignFileCount += 1
            target = .nothing
        }
    }

    mutating func fileBytes(_ bytes: UnsafeRawBufferPointer) throws(ClusterBackupError) {
        switch target {
        case .nothing: break
        case .formatVersion(let text): target = .formatVersion(text + Array(bytes))
        case .item:
            pending.append(contentsOf: bytes)
            end += Int64(bytes.count)
            if pending.count >= SpoolReceiver.pieceSize { try flush() }
        }
    }

    mutating func endFile() throws(ClusterBackupError) {
        switch target {
        case .nothing: break
        case .formatVersion(let bytes):
            let text = String(decoding: bytes.prefix { $0 > 0x20 }, as: UTF8.self)
            guard text == "1" || text.hasPrefix("1.") else {
                throw ClusterBackupError(.damaged, "backup format \(quoted(text)) is none of 1 and 1.x")
            }
            builder.formatVersion = text
        case .item(let path, let size): builder.add(path, size: size, offset: end - size)
        }
        target = .nothing
    }

    mutating func flush() throws(ClusterBackupError) {
        let spool = spool
        let start = end - Int64(pending.count)
        var problem: ClusterBackupError?
        pending.withUnsafeBytes { bytes in
            do throws(ClusterBackupError) {
                try spool.write(bytes, at: start)
            } catch {
                problem = error
            }
        }
        if let problem { throw problem }
        pending.removeAll(keepingCapacity: true)
    }
}
