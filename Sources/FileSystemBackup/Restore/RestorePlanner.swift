import Basics
package import ResticFormat

/// Gives the tree with an id; safe to call from several tasks at once.
package typealias TreeSource = @Sendable (ResticID) async throws -> Tree

/// Compares a snapshot's tree with what is in the target, and says what a restore would do. Writes nothing.
struct RestorePlanner {
    /// Trees are loaded side by side: a store far away answers each after some time.
    private static let concurrentLoads = 16
    /// Deeper trees are refused: no path of this system has so many names.
    private static let deepest = 4096

    let options: RestoreOptions
    let trees: TreeSource
    /// Nil if there is no target yet.
    let target: RestoreTarget?

    /// A folder of the plan whose tree is still to be looked at.
    private struct Open: Sendable {
        let place: Int
        let tree: ResticID
        let scope: SelectionScope
        let exists: Bool
    }

    private struct State {
        var plan = RestorePlan()
        var links: [HardLink: Int] = [:]
        var isSuspect = false
    }

    private struct HardLink: Hashable {
        let inode: UInt64
        let device: UInt64
    }

    /// - Parameter root: the tree whose entries come to lie in the target.
    /// - Throws: what loading `root` throws. A tree further down that cannot be loaded is a problem of the plan.
    func plan(_ root: ResticID) async throws -> RestorePlan {
        var state = State()
        state.plan.folders.append(RestorePlan.Folder(parent: nil, name: [], node: nil, action: .keep))
        var level = [Open(place: 0, tree: root, scope: SelectionScope(options.selection), exists: target != nil)]
        var depth = 0
        while !level.isEmpty {
            let trees = try await load(level, isRoot: depth == 0)
            var next: [Open] = []
            for (folder, tree) in zip(level, trees) {
                switch tree {
                case .success(let tree): add(tree, folder, &state, &next)
                case .failure(let error): note(error, at: folder.place, &state)
                }
            }
            depth += 1
            guard depth <= RestorePlanner.deepest else {
                note(FileError(.hostile, "the tree is deeper than \(depth) folders"), at: next[0].place, &state)
                break
            }
            level = next
        }
        finish(&state)
        return state.plan
    }

    private func load(_ level: [Open], isRoot: Bool) async throws -> [Result<Tree, FileError>] {
        let trees = trees
        return try await mapConcurrently(level, limit: RestorePlanner.concurrentLoads) { folder in
            do {
                return .success(try await trees(folder.tree))
            } catch {
                if isRoot || error is CancellationError { throw error }
                return .failure(
                    FileError(
                        .damaged, "the folder's tree \(folder.tree.shortDescription) cannot be read", cause: error))
            }
        }
    }

    private func note(_ error: FileError, at place: Int, _ state: inout State) {
        let path = LocalPath(bytes: [slash]).appending(folder: state.plan.path(ofFolder: place))
        state.plan.problems.append(ItemProblem(path, error))
        // What is missing from the tree may be just what would be deleted.
        state.isSuspect = true
    }

    private func add(_ tree: Tree, _ folder: Open, _ state: inout State, _ next: inout [Open]) {
        var names: Set<FileName> = []
        for node in tree.nodes {
            guard node.name.isPlain, names.insert(node.name).inserted else {
                let path = LocalPath(bytes: [slash]).appending(folder: state.plan.path(ofFolder: folder.place))
                let error = FileError(
                    .hostile, "a name that no file of its folder can have: '\(LocalPath(bytes: node.name.bytes))'")
                state.plan.problems.append(ItemProblem(path, error))
                state.isSuspect = true
                continue
            }
            do throws(FileError) {
                if node.kind == .directory {
                    try addFolder(node, in: folder, &state, &next)
                } else if folder.scope.selects(node.name.bytes) {
                    try addItem(node, in: folder, &state)
                }
            } catch {
                let path = LocalPath(bytes: [slash]).appending(folder: state.plan.path(ofFolder: folder.place))
                state.plan.problems.append(ItemProblem(path.appending(node.name.bytes), error))
            }
        }
        if options.deletes, folder.exists { addDeletions(keeping: names, folder, &state) }
    }

    private func addFolder(
        _ node: Node, in folder: Open, _ state: inout State, _ next: inout [Open]
    ) throws(FileError) {
        let name = node.name.bytes
        guard folder.scope.maySelectBelow(name) else { return }
        guard let subtree = node.subtree else { throw FileError(.hostile, "a folder without a tree") }
        let existing = try existing(node.name, folder, state.plan)
        let decision = OverwriteDecision(overwrite: options.overwrite)
        guard let action = decision.action(forFolder: node, existing: existing) else {
            throw FileError(.changed, "something else than a folder is there, and nothing is overwritten")
        }
        let isRestored = folder.scope.selects(name) && decision.setsMetadata(ofFolder: node, existing: existing)
        next.append(
            Open(
                place: state.plan.folders.count, tree: subtree, scope: folder.scope.entering(name),
                exists: action == .keep))
        state.plan.folders.append(
            RestorePlan.Folder(parent: folder.place, name: name, node: isRestored ? node : nil, action: action))
    }

    private func addItem(_ node: Node, in folder: Open, _ state: inout State) throws(FileError) {
        switch node.kind {
        case .socket: return
        case .irregular, .unknown:
            throw FileError(.unsupported, "an item of the kind '\(node.kind)' cannot be made here")
        case .file where node.content == nil: throw FileError(.hostile, "a file without a list of content")
        case .file, .directory, .symlink, .blockDevice, .characterDevice, .fifo: break
        }
        let existing = try existing(node.name, folder, state.plan)
        var action = OverwriteDecision(overwrite: options.overwrite).action(for: node, existing: existing)
        if node.kind == .file, node.links > 1, action != .skip {
            let link = HardLink(inode: node.inode, device: node.deviceID)
            if let first = state.links[link], state.plan.items[first].node.content == node.content {
                action = .link(to: first)
            } else {
                state.links[link] = state.plan.items.count
            }
        }
        state.plan.items.append(RestorePlan.Item(folder: folder.place, node: node, action: action))
    }

    /// What is at the place of `name`; nil if nothing is.
    private func existing(
        _ name: FileName, _ folder: Open, _ plan: RestorePlan
    ) throws(FileError) -> FileStatus? {
        guard folder.exists, let target else { return nil }
        do throws(SystemError) {
            let opened = try target.folder(folder.place) { plan.path(ofFolder: folder.place) }
            return try opened.status(of: name.bytes)
        } catch {
            if error.number == SystemError.noEntry { return nil }
            throw FileError(error, "looking at", LocalPath(bytes: name.bytes))
        }
    }

    private func addDeletions(keeping names: Set<FileName>, _ folder: Open, _ state: inout State) {
        guard let target else { return }
        let plan = state.plan
        do throws(SystemError) {
            let opened = try target.folder(folder.place) { plan.path(ofFolder: folder.place) }
            let present = try FolderEntries.names(in: opened)
            state.plan.folders[folder.place].deletions = present.filter {
                !names.contains(FileName($0)) && folder.scope.selects($0)
            }
        } catch {
            note(FileError(Self.code(error), "listing what is there: \(error)"), at: folder.place, &state)
        }
    }

    private static func code(_ error: SystemError) -> FileError.Code { FileError.Code(error) }

    /// Folders that were only looked into are not made. Nothing is deleted after a sign of foul play or loss.
    private func finish(_ state: inout State) {
        var isNeeded = state.plan.folders.map { $0.node != nil || $0.parent == nil }
        for item in state.plan.items { isNeeded[item.folder] = true }
        for place in state.plan.folders.indices.reversed() where isNeeded[place] {
            if let parent = state.plan.folders[place].parent { isNeeded[parent] = true }
        }
        for place in state.plan.folders.indices {
            let folder = state.plan.folders[place]
            let isIdle = !isNeeded[place] || folder.action == .keep && folder.node == nil
            if isIdle || state.isSuspect {
                state.plan.folders[place] = RestorePlan.Folder(
                    parent: folder.parent, name: folder.name, node: folder.node,
                    action: isNeeded[place] ? folder.action : .keep,
                    deletions: state.isSuspect ? [] : folder.deletions)
            }
        }
    }
}
