import Basics
import ResticFormat

extension BackupEngine {
    /// Backs up `name`, unless it is a folder.
    /// - Parameters:
    ///   - snapshotName: what it is called in the snapshot.
    ///   - isTarget: whether a person named it: then no rule leaves it out.
    ///   - small: takes a small file that has to be read.
    func saveEntry(
        _ name: [UInt8], as snapshotName: [UInt8], in folder: SourceFolder, isTarget: Bool, _ small: inout SmallFiles
    ) async throws -> SavedEntry {
        if !isTarget, folder.scope.excludes(name) { return .nothing }
        do throws(SystemError) {
            let status = try folder.descriptor.status(of: name)
            if !isTarget, isExcluded(status, in: folder) { return .nothing }
            switch status.kind {
            case .directory: return .folder(status)
            case .socket: return .nothing
            case .file: break
            default: return .node(try other(name, snapshotName, in: folder, status))
            }
            let former = folder.former?.node(snapshotName)
            if let node = try unchanged(name, snapshotName, in: folder, status, former) { return .node(node) }
        } catch {
            let path = folder.path.appending(name)
            // What a person named must be there.
            if isTarget { report(path, FileError(error, "reading", path)) } else { note(error, "reading", path) }
            return .nothing
        }
        return try await saveFile(name, as: snapshotName, in: folder, &small)
    }

    private func isExcluded(_ status: FileStatus, in folder: SourceFolder) -> Bool {
        if status.kind == .file, let largest = rules.largestFile, status.size > largest { return true }
        // A folder of another file system is kept: it is where that is mounted.
        return status.kind != .directory && folder.device.map { $0 != status.device } ?? false
    }

    /// A link, a device or a pipe.
    private func other(
        _ name: [UInt8], _ snapshotName: [UInt8], in folder: SourceFolder, _ status: FileStatus
    ) throws(SystemError) -> Node {
        var node = nodes.node(snapshotName, status)
        if status.kind == .symlink { node.linkTarget = try folder.descriptor.linkTarget(of: name) }
        node.extendedAttributes = try attributes(of: name, in: folder)
        finish(node, former: folder.former?.node(snapshotName), folder.path.appending(name))
        return node
    }

    /// The node of a file that is as it was in the parent snapshot: new metadata, old content. Nil if it has to be read.
    private func unchanged(
        _ name: [UInt8], _ snapshotName: [UInt8], in folder: SourceFolder, _ status: FileStatus, _ former: Node?
    ) throws(SystemError) -> Node? {
        guard let former, let content = former.content, detection.isUnchanged(status, since: former) else { return nil }
        guard content.allSatisfy({ sink.contains(BlobHandle(.data, $0)) }) else {
            // The repository has lost something; reading the file again brings it back.
            return nil
        }
        var node = nodes.node(snapshotName, status)
        node.size = former.size
        node.content = content
        node.extendedAttributes = try attributes(of: name, in: folder)
        progress.addRead(bytes: Int(former.size))
        finish(node, former: former, folder.path.appending(name))
        return node
    }

    private func attributes(
        of name: [UInt8], in folder: SourceFolder
    ) throws(SystemError) -> [ExtendedAttribute] {
        do {
            return try AttributeReader.attributes(of: name, in: folder.descriptor)
        } catch {
            if error.number == SystemError.noEntry { throw error }
            let path = folder.path.appending(name)
            report(path, FileError(error, "reading the extended attributes of", path))
            return []
        }
    }
}
