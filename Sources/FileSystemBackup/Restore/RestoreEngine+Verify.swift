import Basics
import Glibc
import ResticFormat
import ResticRepository

extension RestoreEngine {
    /// Reads every restored file again and compares it with the snapshot, blob by blob. Memory: a blob for each worker.
    func verify() async throws {
        let written = plan.items.indices.filter { place in
            switch plan.items[place].action {
            case .create, .update, .replace: plan.items[place].node.kind == .file && !hasFailed(item: place)
            case .metadata, .skip, .link: false
            }
        }
        let batches = stride(from: 0, to: written.count, by: RestoreEngine.batch).map {
            written[$0..<min($0 + RestoreEngine.batch, written.count)]
        }
        try await forEachConcurrently(batches, limit: workers) { [self] batch in
            let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: Chunker.maximum, alignment: 64)
            defer { buffer.deallocate() }
            for place in batch {
                try Task.checkCancellation()
                do throws(SystemError) {
                    try verify(place, buffer)
                } catch {
                    fail(item: place, "verifying", error)
                }
            }
        }
    }

    private func verify(_ place: Int, _ buffer: UnsafeMutableRawBufferPointer) throws(SystemError) {
        let item = plan.items[place]
        let file = try folder(item.folder).openForReading(item.node.name.bytes)
        guard UInt64(try file.status().size) == item.node.size else {
            fail(item: place, FileError(.damaged, "what was restored has another size than \(item.node.size) bytes"))
            return
        }
        var offset: Int64 = 0
        for id in item.node.content ?? [] {
            let length = repository.index.plainLength(of: BlobHandle(.data, id)) ?? 0
            guard length <= buffer.count else {
                fail(item: place, FileError(.unsupported, "a part of \(length) bytes is too large to be verified"))
                return
            }
            let room = UnsafeMutableRawBufferPointer(rebasing: buffer[..<length])
            let count = try file.read(into: room, at: offset)
            guard count == length, ResticID(hashing: UnsafeRawBufferPointer(room)) == id else {
                let range = "\(offset)..<\(offset + Int64(length))"
                fail(item: place, FileError(.damaged, "what was restored differs from the snapshot in bytes \(range)"))
                return
            }
            offset += Int64(length)
        }
        progress.update { $0.filesVerified += 1 }
    }
}
