import Basics
import Glibc
import NIOCore
import Synchronization

/// An upload to a folder: parts go straight to their places in one new file, which is renamed at the end.
///
/// A part that does not fit the pattern (all but the last of one size) goes to a file of its own, and everything is
/// copied together at the end.
final class FolderUpload: ObjectUpload {
    private struct Part {
        let tag: String
        let size: Int
        /// In the shared file; nil if the part has its own.
        let offset: Int64?
        let own: PendingFile?
    }

    private struct State {
        var partSize: Int?
        var lastTag = 0
        var parts: [Int: Part] = [:]
        var shared: PendingFile?
        /// Where part `number` goes in the shared file, nil if it needs its own.
        ///
        /// A part that replaces another gets its own: the first may still be on its way to the same place.
        mutating func claimPlace(for number: Int, size: Int) -> (shared: PendingFile?, tag: String, offset: Int64?) {
            lastTag += 1
            let partSize = self.partSize ?? size
            self.partSize = partSize
            guard size <= partSize, parts[number] == nil else { return (shared, "\(lastTag)", nil) }
            let offset = Int64(number - 1) * Int64(partSize)
            parts[number] = Part(tag: "", size: size, offset: offset, own: nil)
            return (shared, "\(lastTag)", offset)
        }
    }

    private let store: FolderObjectStore
    private let key: ObjectKey
    private let path: FolderPath
    private let options: PutOptions
    private let state: Mutex<State>

    init(store: FolderObjectStore, key: ObjectKey, path: FolderPath, options: PutOptions, shared: PendingFile) {
        self.store = store
        self.key = key
        self.path = path
        self.options = options
        state = Mutex(State(shared: shared))
    }

    func upload(_ bytes: ByteBuffer, as number: Int) async throws(StoreError) -> UploadedPart {
        try checkPartNumber(number, of: key)
        let size = bytes.readableBytes
        let (shared, tag, offset) = state.withLock { $0.claimPlace(for: number, size: size) }
        guard let shared else { throw ended }
        let own = try await store.blocking("writing part \(number) of '\(key)'") { [tree = store.tree, path] in
            let own = try offset == nil ? tree.makePending(at: path) : nil
            try (own ?? shared).write(bytes, at: offset ?? 0)
            return own
        }
        state.withLock { $0.parts[number] = Part(tag: tag, size: size, offset: offset, own: own) }
        return UploadedPart(number: number, size: size, etag: tag)
    }

    func complete(_ parts: [UploadedPart]) async throws(StoreError) -> ObjectInfo {
        try checkJoin(parts, of: key)
        let (shared, kept) = state.withLock { ($0.shared, $0.parts) }
        guard let shared else { throw ended }
        var joined: [Part] = []
        for part in parts {
            guard let mine = kept[part.number], mine.tag == part.etag else {
                throw StoreError(.invalid, "part \(part.number) of '\(key)' was not sent, or was replaced since")
            }
            joined.append(mine)
        }
        let info = try await store.blocking("writing '\(key)'") { [tree = store.tree, path, key, options, joined] in
            let whole = try FolderUpload.join(joined, shared: shared) { try tree.makePending(at: path) }
            return try tree.commit(whole, at: path, key: key, options: options)
        }
        end()
        return info
    }

    func abort() async throws(StoreError) { end() }

    private func end() {
        // The files go with their last reference.
        state.withLock { state in
            state.shared = nil
            state.parts = [:]
        }
    }

    private var ended: StoreError { StoreError(.notFound, "the upload of '\(key)' has ended") }

    /// The shared file if the parts lie in it without gaps; otherwise a new file with the parts in order.
    private static func join(
        _ parts: [Part], shared: PendingFile, makeFile: () throws -> PendingFile
    ) throws -> PendingFile {
        var end: Int64 = 0
        var isInPlace = true
        for part in parts {
            isInPlace = isInPlace && part.offset == end
            end += Int64(part.size)
        }
        if isInPlace {
            _ = try systemCall { ftruncate(shared.file.raw, off_t(end)) }
            return shared
        }
        let whole = try makeFile()
        var offset: Int64 = 0
        for part in parts {
            try copy(part.size, from: part.own ?? shared, at: part.offset ?? 0, to: whole, at: offset)
            offset += Int64(part.size)
        }
        return whole
    }

    private static func copy(
        _ size: Int, from source: PendingFile, at start: Int64, to target: PendingFile, at offset: Int64
    ) throws {
        var copied = 0
        while copied < size {
            var buffer = ByteBuffer()
            let wanted = min(size - copied, 1 << 20)
            let count = try buffer.writeWithUnsafeMutableBytes(minimumWritableBytes: wanted) { space in
                try systemCall { pread(source.file.raw, space.baseAddress, wanted, off_t(start + Int64(copied))) }
            }
            guard count > 0 else { throw SystemError(number: EIO) }
            try target.write(buffer, at: offset + Int64(copied))
            copied += count
        }
    }
}
