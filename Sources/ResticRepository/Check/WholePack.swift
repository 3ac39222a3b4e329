import Basics
import NIOCore
import ResticFormat

/// A pack in memory, to be looked at in every detail. Memory: the pack, and 16 MiB and a blob of what was compressed in it.
struct WholePack: Sendable {
    let listed: ListedPack
    /// As the index says, by offset.
    let blobs: [PackedBlob]
    private var bytes: ByteBuffer?
    private(set) var foundID: ResticID

    init(_ listed: ListedPack, _ blobs: [PackedBlob]) {
        self.listed = listed
        self.blobs = blobs
        foundID = listed.id
    }

    var isRead: Bool { bytes != nil }

    /// Takes the bytes of the pack over, and leaves an empty buffer.
    /// - Parameter id: their SHA-256.
    mutating func giveMemory(_ buffer: inout ByteBuffer, _ id: ResticID) {
        foundID = id
        var taken = ByteBuffer()
        swap(&taken, &buffer)
        bytes = taken
    }

    /// An empty buffer with the memory that the pack was in.
    mutating func releaseMemory() -> ByteBuffer {
        var released = bytes.take() ?? ByteBuffer()
        released.clear()
        return released
    }

    /// Whether the pack's own header names the blobs that the index names.
    func headerFailure(_ repository: Repository) -> PackFailure? {
        guard let bytes else { return .unreadable }
        do throws(FormatError) {
            let blobsEnd = blobs.last?.range.upperBound ?? 0
            guard blobsEnd <= bytes.readableBytes else { return .header("the pack is too short") }
            let tail = bytes.getBytes(at: bytes.readerIndex + blobsEnd, length: bytes.readableBytes - blobsEnd) ?? []
            switch try PackHeader.read(tail: tail, fileSize: bytes.readableBytes, key: repository.key) {
            case .needs(let count): return .header("it has \(count) bytes where \(tail.count) are left for it")
            case .header(let header):
                return header.blobs == blobs ? nil : .header("it names other blobs")
            }
        } catch {
            return .header(ErrorChain.line(error))
        }
    }

    /// Opens all blobs, in place, and compares them with their ids.
    mutating func blobFailures(_ repository: Repository) -> [PackFailure] {
        var failures: [PackFailure] = []
        bytes?.withUnsafeMutableReadableBytes { pack in
            var group = BlobGroup()
            for blob in blobs {
                guard blob.range.upperBound <= pack.count else {
                    failures.append(.blob(blob.handle, "the pack is too short"))
                    continue
                }
                let sealed = UnsafeMutableRawBufferPointer(rebasing: pack[blob.range])
                do throws(FormatError) {
                    group.add(blob, try repository.openInPlace(sealed, blob))
                } catch {
                    failures.append(.blob(blob.handle, ErrorChain.line(error)))
                }
                if group.isFull { failures += group.compare() }
            }
            failures += group.compare()
        }
        return failures
    }
}

/// Blobs that are hashed side by side.
private struct BlobGroup {
    private var blobs: [PackedBlob] = []
    private var plain: [OpenedBlob] = []
    /// Bytes beside the pack's memory.
    private var inflatedBytes = 0

    /// Compressed blobs may have 8 MiB each, and sixteen of them would be too much.
    private static let mostInflatedBytes = 16 << 20

    var isFull: Bool { blobs.count == BlobHash.groupSize || inflatedBytes >= BlobGroup.mostInflatedBytes }

    mutating func add(_ blob: PackedBlob, _ opened: OpenedBlob) {
        blobs.append(blob)
        plain.append(opened)
        if opened.scratch != nil { inflatedBytes += opened.bytes.count }
    }

    mutating func compare() -> [PackFailure] {
        defer { (blobs, plain, inflatedBytes) = ([], [], 0) }
        let ids = BlobHash.ids(of: plain.map(\.bytes))
        return zip(blobs, ids).compactMap { blob, id in
            blob.handle.id == id ? nil : .blob(blob.handle, "its content has the id \(id.shortDescription)…")
        }
    }
}

/// The content of a blob: in the pack's memory, or in memory of its own if it was compressed.
///
/// Unchecked as `UnsafeRawBufferPointer` is: made and used within one function.
struct OpenedBlob {
    let bytes: UnsafeRawBufferPointer
    /// Keeps the memory of `bytes` alive, if it is not the pack's.
    let scratch: ScratchMemory?
}

extension Repository {
    /// Opens a blob within its pack's memory.
    func openInPlace(_ sealed: UnsafeMutableRawBufferPointer, _ blob: PackedBlob) throws(FormatError) -> OpenedBlob {
        let payload = try open(sealed)
        guard blob.isCompressed else { return OpenedBlob(bytes: payload, scratch: nil) }
        let scratch = ScratchMemory(least: 0)
        return OpenedBlob(bytes: try inflate(payload, blob, scratch), scratch: scratch)
    }
}

/// The blobs of each pack of an index. Memory: 4 bytes a blob, 8 a pack, and the dictionary of packs.
struct PackContents: Sendable {
    private let index: RepositoryIndex
    private let groups: RecordGroups

    init(_ index: RepositoryIndex) {
        self.index = index
        groups = RecordGroups(index: index, places: Array(0..<index.packs.count), count: index.packs.count)
    }

    /// By offset; nil for a pack that is in no index.
    func blobs(of pack: ResticID) -> [PackedBlob]? {
        index.packs.existingNumber(of: pack).map { groups.blobs(Int($0), in: index) }
    }
}
