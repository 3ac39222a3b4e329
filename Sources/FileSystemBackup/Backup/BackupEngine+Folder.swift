import Basics
import ResticFormat

/// An open folder of this machine that is being backed up.
struct SourceFolder: Sendable {
    let descriptor: Descriptor
    let path: LocalPath
    let scope: ExcludeScope
    /// The file system of the target, if only that is backed up.
    let device: UInt64?
    let former: FormerFolder?
}

/// What became of a name.
enum SavedEntry: Sendable {
    case node(Node)
    /// A folder, to be walked when the files around it are done.
    case folder(FileStatus)
    /// A file that waits in `SmallFiles`.
    case read
    /// Left out, vanished, or not readable.
    case nothing
}

extension BackupEngine {
    /// The nodes of everything in `folder`, ascending by name.
    func saveEntries(of folder: SourceFolder) async throws -> [Node] {
        let names: [[UInt8]]
        do throws(SystemError) {
            names = try selectedNames(of: folder)
        } catch {
            report(folder.path, FileError(error, "listing", folder.path))
            return []
        }
        var saved = try await saveFiles(names, in: folder)
        try await saveFolders(names, in: folder, &saved)
        return saved.compactMap { entry in
            if case .node(let node) = entry { node } else { nil }
        }
    }

    /// All names, or the one that keeps all others out.
    private func selectedNames(of folder: SourceFolder) throws(SystemError) -> [[UInt8]] {
        let names = try FolderEntries.names(in: folder.descriptor)
        for marker in rules.markers where names.contains(marker.name) {
            if try MarkerFile.begins(marker, in: folder.descriptor) { return [marker.name] }
        }
        return names
    }

    /// Everything but folders, in batches.
    private func saveFiles(_ names: [[UInt8]], in folder: SourceFolder) async throws -> [SavedEntry] {
        guard names.count > BackupEngine.batch else { return try await saveBatch(names[...], in: folder) }
        return try await withThrowingTaskGroup(of: (Int, [SavedEntry]).self) { group in
            var saved = [SavedEntry](repeating: .nothing, count: names.count)
            for start in stride(from: 0, to: names.count, by: BackupEngine.batch) {
                let batch = names[start..<min(start + BackupEngine.batch, names.count)]
                if slots.tryTake() {
                    group.addTask { [self] in
                        defer { slots.giveBack() }
                        return (start, try await saveBatch(batch, in: folder))
                    }
                } else {
                    let entries = try await saveBatch(batch, in: folder)
                    saved.replaceSubrange(start..<(start + entries.count), with: entries)
                }
            }
            while let (start, entries) = try await group.next() {
                saved.replaceSubrange(start..<(start + entries.count), with: entries)
            }
            return saved
        }
    }

    private func saveBatch(_ names: ArraySlice<[UInt8]>, in folder: SourceFolder) async throws -> [SavedEntry] {
        try Task.checkCancellation()
        var small = SmallFiles(chunkBuffers.take())
        defer { chunkBuffers.giveBack(small.buffer) }
        var saved = [SavedEntry](repeating: .nothing, count: names.count)
        var waiting: [Int] = []
        for (place, name) in names.enumerated() {
            saved[place] = try await saveEntry(name, as: name, in: folder, isTarget: false, &small)
            if case .read = saved[place] { waiting.append(place) }
            guard small.isFull || place + 1 == names.count else { continue }
            for (place, node) in zip(waiting, try await save(&small, in: folder)) { saved[place] = .node(node) }
            waiting.removeAll(keepingCapacity: true)
        }
        return saved
    }

    /// Backs up `name`, which a person may have named, by itself.
    func saveTarget(
        _ name: [UInt8], as snapshotName: [UInt8], in folder: SourceFolder, isTarget: Bool
    ) async throws -> SavedEntry {
        var small = SmallFiles(chunkBuffers.take())
        defer { chunkBuffers.giveBack(small.buffer) }
        let entry = try await saveEntry(name, as: snapshotName, in: folder, isTarget: isTarget, &small)
        return try await save(&small, in: folder).first.map { .node($0) } ?? entry
    }

    /// The folders among `names`, whose places in `saved` say so.
    private func saveFolders(
        _ names: [[UInt8]], in folder: SourceFolder, _ saved: inout [SavedEntry]
    ) async throws {
        let places = saved.indices.filter { if case .folder = saved[$0] { true } else { false } }
        if places.isEmpty { return }
        try await withThrowingTaskGroup(of: (Int, Node?).self) { group in
            for place in places {
                guard case .folder(let status) = saved[place] else { continue }
                let name = names[place]
                if slots.tryTake() {
                    group.addTask { [self] in
                        defer { slots.giveBack() }
                        return (place, try await saveFolder(name, as: name, in: folder, status))
                    }
                } else {
                    let node = try await saveFolder(name, as: name, in: folder, status)
                    saved[place] = node.map { .node($0) } ?? .nothing
                }
            }
            while let (place, node) = try await group.next() {
                saved[place] = node.map { .node($0) } ?? .nothing
            }
        }
    }

    /// The node of the folder `name` with all that is in it; nil if it cannot be opened.
    /// - Parameter snapshotName: what it is called in the snapshot.
    func saveFolder(
        _ name: [UInt8], as snapshotName: [UInt8], in folder: SourceFolder, _ status: FileStatus
    ) async throws -> Node? {
        let path = folder.path.appending(name)
        let opened: Descriptor
        var node: Node
        do throws(SystemError) {
            opened = try folder.descriptor.openFolder(name)
            node = nodes.node(snapshotName, try opened.status())
            node.extendedAttributes = try attributes(of: opened, path)
        } catch {
            note(error, "opening", path)
            return nil
        }
        let known = folder.former?.node(snapshotName)
        let former = try await former(known)
        // Another file system begins here: the folder is kept, what is in it is not.
        let isForeign = folder.device.map { $0 != status.device } ?? false
        let inner = SourceFolder(
            descriptor: opened, path: path, scope: folder.scope.entering(name), device: folder.device, former: former)
        node.subtree = try await saveTree(isForeign ? [] : saveEntries(of: inner), former: former)
        finish(node, former: known, path)
        return node
    }

    /// Vanished items are told and forgotten; everything else that goes wrong is a problem.
    func note(_ error: SystemError, _ doing: String, _ path: LocalPath) {
        if error.number == SystemError.noEntry {
            observer?(.vanished(path))
        } else {
            report(path, FileError(error, doing, path))
        }
    }

    /// Attributes that cannot be read do not keep the item out of the snapshot.
    func attributes(of file: Descriptor, _ path: LocalPath) throws(SystemError) -> [ExtendedAttribute] {
        do {
            return try AttributeReader.attributes(of: file)
        } catch {
            report(path, FileError(error, "reading the extended attributes of", path))
            return []
        }
    }
}

/// Looks into a file whose presence excludes its folder.
private enum MarkerFile {
    static func begins(
        _ marker: ExcludeRules.Marker, in folder: Descriptor
    ) throws(SystemError) -> Bool {
        if marker.header.isEmpty { return true }
        var begin = [UInt8](repeating: 0, count: marker.header.count)
        do {
            let file = try folder.open(marker.name, flags: 0)
            var failure: SystemError?
            let count = begin.withUnsafeMutableBytes { buffer -> Int in
                do throws(SystemError) {
                    return try file.read(into: buffer, at: 0)
                } catch {
                    failure = error
                    return 0
                }
            }
            return failure == nil && count == marker.header.count && begin == marker.header
        } catch {
            // Not readable: then it is no marker, and the folder is backed up.
            return false
        }
    }
}
