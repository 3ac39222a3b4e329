import Basics
import Glibc
import ResticFormat

extension BackupEngine {
    /// The nodes of the places of `tree`, ascending by name.
    /// - Parameter workingFolder: what relative paths, and so patterns, begin at.
    func saveTargets(
        _ tree: TargetTree, former: FormerFolder?, workingFolder: LocalPath
    ) async throws -> [Node] {
        var saved: [Node] = []
        for name in tree.names {
            try Task.checkCancellation()
            switch tree.places[name] {
            case .target(let path, let isNamed):
                let path = path.absolute(from: workingFolder)
                if let node = try await saveTarget(path, as: name, isNamed, former) { saved.append(node) }
            case .way(let path, let inner):
                if let node = try await saveWay(path, as: name, inner, former, workingFolder) { saved.append(node) }
            case nil: break
            }
        }
        return saved
    }

    /// The nodes of everything in the folder `path`, which is the root of the snapshot.
    func saveRoot(_ path: LocalPath, former: FormerFolder?) async throws -> [Node] {
        let folder: SourceFolder
        do throws(SystemError) {
            let opened = try Descriptor.open(path)
            let device = rules.staysOnFileSystem ? try opened.status().device : nil
            let scope = ExcludeScope(rules).entering(path.names)
            folder = SourceFolder(descriptor: opened, path: path, scope: scope, device: device, former: former)
        } catch {
            report(path, FileError(error, "opening", path))
            return []
        }
        return try await saveEntries(of: folder)
    }

    private func saveTarget(
        _ path: LocalPath, as snapshotName: [UInt8], _ isNamed: Bool, _ former: FormerFolder?
    ) async throws -> Node? {
        guard let name = path.names.last else { return nil }
        let parent = path.parent
        let folder: SourceFolder
        do throws(SystemError) {
            let opened = try Descriptor.open(parent)
            let device = rules.staysOnFileSystem ? try opened.status(of: name).device : nil
            let scope = ExcludeScope(rules).entering(parent.names)
            folder = SourceFolder(descriptor: opened, path: parent, scope: scope, device: device, former: former)
        } catch {
            report(path, FileError(error, "opening", path))
            return nil
        }
        switch try await saveTarget(name, as: snapshotName, in: folder, isTarget: isNamed) {
        case .node(let node): return node
        case .folder(let status): return try await saveFolder(name, as: snapshotName, in: folder, status)
        case .nothing, .read: return nil
        }
    }

    /// A folder of which only what leads to targets is kept, with its own metadata. A link on the way is followed, as the
    /// person who named the target meant it.
    private func saveWay(
        _ path: LocalPath, as name: [UInt8], _ inner: TargetTree, _ former: FormerFolder?, _ workingFolder: LocalPath
    ) async throws -> Node? {
        var node: Node
        let path = path.absolute(from: workingFolder)
        do throws(SystemError) {
            let opened = try Descriptor.open(path)
            node = nodes.node(name, try opened.status())
            node.extendedAttributes = try attributes(of: opened, path)
        } catch {
            report(path, FileError(error, "opening", path))
            return nil
        }
        let known = former?.node(name)
        let folder = try await self.former(known)
        let entries = try await saveTargets(inner, former: folder, workingFolder: workingFolder)
        node.subtree = try await saveTree(entries, former: folder)
        finish(node, former: known, path)
        return node
    }
}

extension LocalPath {
    /// The folder that the last name lies in; `.` for a single name.
    var parent: LocalPath {
        let names = names.dropLast()
        let joined = Array(names.joined(separator: [slash]))
        if isAbsolute { return LocalPath(bytes: [slash] + joined) }
        return LocalPath(bytes: joined.isEmpty ? [dot] : joined)
    }

    /// The folder that this process works in.
    /// - Throws: `.failed` if it was removed.
    package static func workingFolder() throws(FileError) -> LocalPath {
        guard let path = getcwd(nil, 0) else {
            throw FileError(.failed, "the working folder cannot be told: \(SystemError.last)")
        }
        defer { free(path) }
        return LocalPath(String(cString: path))
    }
}
