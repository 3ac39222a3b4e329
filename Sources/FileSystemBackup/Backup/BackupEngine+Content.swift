import Basics
import ResticFormat
import Synchronization

extension BackupEngine {
    /// Reads the file `name`, and stores what is new of it unless it is small.
    func saveFile(
        _ name: [UInt8], as snapshotName: [UInt8], in folder: SourceFolder, _ small: inout SmallFiles
    ) async throws -> SavedEntry {
        let path = folder.path.appending(name)
        let file: Descriptor
        let status: FileStatus
        var node: Node
        do throws(SystemError) {
            file = try folder.descriptor.openForReading(name)
            status = try file.status()
            node = nodes.node(snapshotName, status)
            node.extendedAttributes = try attributes(of: file, path)
        } catch {
            note(error, "opening", path)
            return .nothing
        }
        guard status.kind == .file else {
            report(path, FileError(.changed, "'\(path)' was a file when its folder was listed, and is none now"))
            return .nothing
        }
        observer?(.reading(path))
        do {
            if status.size < Int64(Chunker.minimum), try small.read(file, size: status.size, name, &node) {
                reportChange(of: file, since: status, read: node.size, path)
                return .read
            }
            let content = try await saveLarge(file, status)
            node.content = content.ids
            node.size = UInt64(content.length)
        } catch let error as SystemError {
            note(error, "reading", path)
            return .nothing
        }
        reportChange(of: file, since: status, read: node.size, path)
        finish(node, former: folder.former?.node(snapshotName), path)
        return .node(node)
    }

    private func saveLarge(_ file: Descriptor, _ status: FileStatus) async throws -> FileContent {
        try await saveChunks(
            ChunkReader(
                .file(file), holes: status.allocated < status.size ? HoleFinder(file, size: status.size) : nil,
                chunker: chunker, pool: chunkBuffers))
    }

    /// The chunks of what is read to its end, such as a pipe.
    func saveContent(ofStream source: Descriptor) async throws -> FileContent {
        try await saveChunks(ChunkReader(.stream(source), holes: nil, chunker: chunker, pool: chunkBuffers))
    }

    /// Cuts here, hashes and stores in other tasks while there are slots.
    private func saveChunks(_ reader: consuming ChunkReader) async throws -> FileContent {
        let collected = CollectedContent()
        var reader = reader
        try await withThrowingDiscardingTaskGroup { group in
            while let piece = try reader.next() {
                try Task.checkCancellation()
                switch piece {
                case .zeros(let count):
                    try await saveZeros(count, collected)
                case .chunk(let buffer, let count):
                    let place = collected.reserve(1, length: count)
                    if slots.tryTake() {
                        group.addTask { [self] in
                            defer { slots.giveBack() }
                            try await saveChunk(buffer, count, at: place, collected)
                        }
                    } else {
                        try await saveChunk(buffer, count, at: place, collected)
                    }
                }
            }
        }
        return collected.content
    }

    private func saveChunk(
        _ buffer: ChunkBuffer, _ count: Int, at place: Int, _ collected: CollectedContent
    ) async throws {
        defer { chunkBuffers.giveBack(buffer) }
        let id = try await saveData(UnsafeRawBufferPointer(rebasing: buffer.bytes[..<count]))
        collected.set(id, at: place)
    }

    private func saveZeros(_ count: Int, _ collected: CollectedContent) async throws {
        let zeroID = ChunkReader.zeroID
        if !sink.contains(BlobHandle(.data, zeroID)) {
            let zeros = [UInt8](repeating: 0, count: Chunker.minimum)
            try await sink.waitForRoom()
            let answer = try zeros.withUnsafeBytes { try sink.save(.data, id: zeroID, $0) }
            progress.add(.data, length: zeros.count, answer)
        }
        progress.addRead(bytes: count * Chunker.minimum)
        let place = collected.reserve(count, length: count * Chunker.minimum)
        for index in place..<(place + count) { collected.set(zeroID, at: index) }
    }

    /// A file that was written to while it was read is kept, and told: it may be in a state that it never had.
    private func reportChange(of file: Descriptor, since status: FileStatus, read: UInt64, _ path: LocalPath) {
        do throws(SystemError) {
            let now = try file.status()
            guard now.size != status.size || now.modified != status.modified || UInt64(now.size) != read else { return }
            let message = "'\(path)' was written to while it was read: \(read) bytes of it are in the snapshot"
            report(path, FileError(.changed, message))
        } catch {
            note(error, "looking again at", path)
        }
    }
}

/// The chunks of a file.
struct FileContent: Sendable {
    var ids: [ResticID] = []
    /// In bytes.
    var length: Int64 = 0
}

/// The chunks of a file, which become known in any order.
private final class CollectedContent: Sendable {
    private let state = Mutex(FileContent())

    var content: FileContent { state.withLock { $0 } }

    /// Places for the next `count` chunks; returns the first.
    func reserve(_ count: Int, length: Int) -> Int {
        state.withLock { content in
            content.ids.append(contentsOf: repeatElement(ChunkReader.zeroID, count: count))
            content.length += Int64(length)
            return content.ids.count - count
        }
    }

    func set(_ id: ResticID, at place: Int) { state.withLock { $0.ids[place] = id } }
}
