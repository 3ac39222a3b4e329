import Basics
import Glibc
import ResticFormat
import ResticRepository

extension RestoreEngine {
    /// Reads the packs that hold `content` and writes each blob to its places, several packs at a time.
    /// Memory: for each worker what the repository reads at once, and one blob.
    func write(_ content: BlobPlaces) async throws {
        let reads = repository.index.plan(content.wanted).reads
        try await forEachConcurrently(reads, limit: workers) { [self] read in
            let places = read.blobs.map { content[$0.handle.id].first?.offset ?? 0 }
            let failures = try await repository.read(read, placedAt: places) { blob, bytes in
                write(read.blobs[blob].handle.id, bytes, to: content)
            }
            for failure in failures {
                for place in content[failure.handle.id] {
                    let message = "a part of it cannot be read: blob \(failure.handle.id)"
                    fail(item: place.item, FileError(.damaged, message, cause: failure.error))
                }
            }
        }
    }

    private func write(_ id: ResticID, _ bytes: UnsafeRawBufferPointer, to content: BlobPlaces) {
        for place in content[id] where !hasFailed(item: place.item) {
            do throws(SystemError) {
                try write(bytes, to: place)
            } catch {
                fail(item: place.item, "writing", error)
            }
        }
    }

    private func write(_ bytes: UnsafeRawBufferPointer, to place: BlobPlaces.Place) throws(SystemError) {
        let item = plan.items[place.item]
        let isWhole = item.node.content?.count == 1 && files.inode(of: place.item) == nil
        let restored = isWhole ? RestoredFile(try makeFile(place.item)) : try openAgain(place.item)
        let file = restored.file
        if options.isSparse, isWhole || files.isNew(place.item) {
            if isWhole { _ = try systemCall { ftruncate(file.raw, Int(item.node.size)) } }
            try SparseWriter.write(bytes, to: file, at: place.offset)
        } else {
            try restored.write(bytes, at: place.offset)
        }
        progress.update { $0.bytesRestored += UInt64(bytes.count) }
        if isWhole {
            try finish(place.item, file)
        } else if files.finishBlob(of: place.item) {
            try finish(place.item, file)
            files.end(place.item)
        }
    }

    /// A file that was begun. It must still be the one that was begun: anything else was put there by somebody.
    private func openAgain(_ place: Int) throws(SystemError) -> RestoredFile {
        if let known = files.known(place) { return known }
        let item = plan.items[place]
        let file = try folder(item.folder).open(item.node.name.bytes, flags: O_WRONLY)
        let inode = try file.status().inode
        guard inode == files.inode(of: place) else { throw SystemError(number: ELOOP) }
        let restored = try restoredFile(place, file, inode: inode)
        files.keep(restored, of: place)
        return restored
    }

    /// `file`, which is being restored in several pieces.
    func restoredFile(_ place: Int, _ file: Descriptor, inode: UInt64) throws(SystemError) -> RestoredFile {
        let item = plan.items[place]
        if options.isSparse { return RestoredFile(file) }
        return RestoredFile(
            file, named: item.node.name.bytes, in: try folder(item.folder), inode: inode, size: item.node.size)
    }
}

/// Writes what is not zero, so that the rest of a new file stays a hole.
enum SparseWriter {
    /// The size of a page, and of a block in most file systems.
    private static let block = 4096

    static func write(
        _ bytes: UnsafeRawBufferPointer, to file: Descriptor, at offset: UInt64
    ) throws(SystemError) {
        var start = 0
        while start < bytes.count {
            let end = run(in: bytes, from: start, offset, isZero: false)
            if end > start {
                try file.write(UnsafeRawBufferPointer(rebasing: bytes[start..<end]), at: Int64(offset) + Int64(start))
            }
            start = run(in: bytes, from: end, offset, isZero: true)
        }
    }

    /// Where the blocks from `start` on that are zero, or are not, end. Blocks are those of the file.
    private static func run(
        in bytes: UnsafeRawBufferPointer, from start: Int, _ offset: UInt64, isZero: Bool
    ) -> Int {
        var position = start
        while position < bytes.count {
            let next = position + block - Int((offset + UInt64(position)) % UInt64(block))
            let piece = UnsafeRawBufferPointer(rebasing: bytes[position..<min(next, bytes.count)])
            if isAllZero(piece) != isZero { return position }
            position = min(next, bytes.count)
        }
        return position
    }
}
