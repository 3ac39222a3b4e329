import Basics
import CLinux
import Glibc
import ResticFormat
import ResticRepository
import Synchronization

extension RestoreEngine {
    /// Makes files without content and those of several blobs, compares those that exist, and says where blobs go.
    func prepareFiles() async throws -> BlobPlaces {
        let collected = Mutex<[(Int, [BlobPlaces.Place])]>([])
        let files = plan.items.indices.filter { plan.items[$0].node.kind == .file }
        try await forEachConcurrently(batches(of: files), limit: workers) { [self] batch in
            var places: [BlobPlaces.Place] = []
            for item in batch {
                if hasFailed(item: item) { continue }
                do throws(SystemError) {
                    places += try prepare(item)
                } catch {
                    fail(item: item, "preparing", error)
                }
            }
            collected.withLock { [places] in $0.append((batch.startIndex, places)) }
        }
        let all = collected.withLock { $0 }
        return BlobPlaces(all.sorted { $0.0 < $1.0 }.flatMap(\.1))
    }

    /// Items shared out by number and by size: making room for a large file, or comparing one, takes its time.
    private func batches(of files: [Int]) -> [ArraySlice<Int>] {
        var batches: [ArraySlice<Int>] = []
        var start = 0
        var size: UInt64 = 0
        for (index, place) in files.enumerated() {
            size &+= plan.items[place].node.size
            let isFull = index + 1 - start == RestoreEngine.batch || size >= 64 << 20
            guard isFull || index + 1 == files.count else { continue }
            batches.append(files[start...index])
            start = index + 1
            size = 0
        }
        return batches
    }

    private func prepare(_ place: Int) throws(SystemError) -> [BlobPlaces.Place] {
        let item = plan.items[place]
        switch item.action {
        case .link: return []
        case .skip:
            progress.update { counts in
                counts.filesSkipped += 1
                counts.bytesSkipped += item.node.size
            }
            tell(place)
            return []
        case .metadata:
            let file = try openExisting(item)
            try finish(place, file)
            return []
        case .create, .replace, .update: break
        }
        guard let places = contentPlaces(of: place) else { return [] }
        if item.action == .update {
            if let rest = try update(place, places) { return rest }
        }
        // A file of one blob is made when that blob arrives, in one go.
        if places.count != 1 { try create(place, places) }
        return places
    }

    /// Nil, and a problem, if the repository does not have all of the content.
    private func contentPlaces(of place: Int) -> [BlobPlaces.Place]? {
        let node = plan.items[place].node
        var places: [BlobPlaces.Place] = []
        var offset: UInt64 = 0
        for id in node.content ?? [] {
            guard let length = repository.index.plainLength(of: BlobHandle(.data, id)) else {
                fail(item: place, FileError(.damaged, "the repository has lost a part of it: blob \(id)"))
                return nil
            }
            places.append(BlobPlaces.Place(blob: id, item: place, offset: offset))
            offset += UInt64(length)
        }
        guard offset == node.size else {
            fail(
                item: place,
                FileError(.damaged, "its parts have \(offset) bytes together, but the file should have \(node.size)"))
            return nil
        }
        return places
    }

    /// Makes the file, all of its size, and sets its metadata if it has no content.
    private func create(_ place: Int, _ places: [BlobPlaces.Place]) throws(SystemError) {
        let node = plan.items[place].node
        let file = try makeFile(place)
        if places.isEmpty {
            try finish(place, file)
            return
        }
        let isAllocated = !options.isSparse && linux_allocate(file.raw, Int64(node.size)) == 0
        if !isAllocated {
            if errno == ENOSPC, !options.isSparse { throw .last }
            _ = try systemCall { ftruncate(file.raw, Int(node.size)) }
        }
        let inode = try file.status().inode
        let restored = try restoredFile(place, file, inode: inode)
        files.begin(place, blobs: places.count, inode: inode, isNew: true, restored)
    }

    /// A new file in place of whatever is there.
    func makeFile(_ place: Int) throws(SystemError) -> Descriptor {
        let item = plan.items[place]
        let folder = try folder(item.folder)
        let name = item.node.name.bytes
        if item.action != .create { try clear(name, in: folder) }
        do {
            return try folder.makeFile(name)
        } catch {
            // It appeared after the plan was made.
            guard error.number == EEXIST, options.overwrite != .never else { throw error }
            try clear(name, in: folder)
            return try folder.makeFile(name)
        }
    }

    /// Removes what is at `name`: a folder only if it is empty, or deleting is what was asked for.
    func clear(_ name: [UInt8], in folder: Descriptor) throws(SystemError) {
        do {
            try folder.remove(name, isFolder: false)
        } catch {
            guard error.number == EISDIR || error.number == EPERM else { throw error }
            if options.deletes {
                try folder.removeTree(name, SelectionScope(.everything)) { progress.update { $0.deleted += 1 } }
            } else {
                try folder.remove(name, isFolder: true)
            }
        }
    }

    private func openExisting(_ item: RestorePlan.Item) throws(SystemError) -> Descriptor {
        let folder = try folder(item.folder)
        let name = item.node.name.bytes
        do {
            return try folder.open(name, flags: O_RDWR)
        } catch {
            guard error.number == EACCES else { throw error }
            // A file of ours that we may not write to.
            try folder.setPermissions(0o600, of: name, kind: .file)
            return try folder.open(name, flags: O_RDWR)
        }
    }

    /// Compares the file that is there with `places`.
    /// - Returns: what has to be written; empty if nothing, nil if the file has to be made anew.
    private func update(_ place: Int, _ places: [BlobPlaces.Place]) throws(SystemError) -> [BlobPlaces.Place]? {
        let node = plan.items[place].node
        let file = try openExisting(plan.items[place])
        let status = try file.status()
        guard status.kind == .file, status.links == 1 else { return nil }
        let rest = try different(places, in: file, size: UInt64(status.size))
        if UInt64(status.size) != node.size { _ = try systemCall { ftruncate(file.raw, Int(node.size)) } }
        progress.update { [rest] counts in
            let kept = places.count - rest.count
            if kept == places.count { counts.bytesSkipped += node.size }
        }
        if rest.isEmpty {
            try finish(place, file, wasWritten: false)
        } else {
            let restored = try restoredFile(place, file, inode: status.inode)
            files.begin(place, blobs: rest.count, inode: status.inode, isNew: false, restored)
        }
        return rest
    }

    /// Those of `places` whose bytes in the file are not the blob's. Memory: one blob.
    private func different(
        _ places: [BlobPlaces.Place], in file: Descriptor, size: UInt64
    ) throws(SystemError) -> [BlobPlaces.Place] {
        var rest: [BlobPlaces.Place] = []
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: Chunker.maximum, alignment: 64)
        defer { buffer.deallocate() }
        for place in places {
            let length = repository.index.plainLength(of: BlobHandle(.data, place.blob)) ?? 0
            guard place.offset + UInt64(length) <= size, length <= buffer.count else {
                rest.append(place)
                continue
            }
            let room = UnsafeMutableRawBufferPointer(rebasing: buffer[..<length])
            let count = try file.read(into: room, at: Int64(place.offset))
            let isSame = count == length && ResticID(hashing: UnsafeRawBufferPointer(room)) == place.blob
            if !isSame { rest.append(place) }
        }
        return rest
    }

    /// The content is there: metadata, and the file is done.
    func finish(_ place: Int, _ file: Descriptor, wasWritten: Bool = true) throws(SystemError) {
        let item = plan.items[place]
        try metadata.write(item.node, to: file)
        progress.update { counts in
            if item.action == .metadata {
                counts.filesSkipped += 1
                counts.bytesSkipped += item.node.size
            } else {
                counts.filesRestored += 1
            }
        }
        tell(place)
    }

    func tell(_ place: Int) {
        guard let observer else { return }
        let item = plan.items[place]
        observer(
            .finished(
                RestorePlan.Line(
                    verb: RestorePlan.Line.Verb(item.action), path: plan.path(of: item), kind: item.node.kind,
                    size: item.node.size)))
    }
}
