import ResticFormat

/// Makes a changed copy of a directory and all beneath it, from the leaves up. Directories that stay as they are keep their
/// ids and are not written.
///
/// Memory: the directories on the way from the root, and 80 bytes for each one that was seen if the same directory is always
/// changed alike.
struct TreeRewriter {
    enum Verdict {
        case keep
        case drop
        case change(Node)
    }

    /// A directory after its rewriting.
    private struct Outcome {
        let id: ResticID
        let isEmpty: Bool
    }

    let repository: IndexedRepository
    let writer: BlobWriter
    /// Decides on an entry, before what is beneath it. The names lead from the root to it.
    let decide: ([FileName], Node) -> Verdict
    /// What stands for a directory that cannot be read: nil ends the work with its error.
    var replacement: Tree?
    /// Whether trees are changed that would not come out as they were read: something that nobody knows would get lost.
    var losesUnknown = false
    /// Whether a directory beneath becomes nothing when everything in it was dropped.
    var dropsEmptied = false
    /// Whether what `decide` says depends on the path.
    var dependsOnPath = false
    private var done: [ResticID: Outcome] = [:]

    init(repository: IndexedRepository, writer: BlobWriter, decide: @escaping ([FileName], Node) -> Verdict) {
        self.repository = repository
        self.writer = writer
        self.decide = decide
    }

    /// - Returns: the changed root; nil if nothing is left, or the root cannot be read.
    mutating func rewrite(_ root: ResticID) async throws(RepositoryError) -> ResticID? {
        if replacement != nil, case .failure = try await repository.tryLoadTree(root) { return nil }
        let outcome = try await rewrite(root, at: [])
        return outcome.isEmpty && outcome.id != root ? nil : outcome.id
    }

    private static let deepest = 2048

    private mutating func rewrite(_ id: ResticID, at path: [FileName]) async throws(RepositoryError) -> Outcome {
        if let known = done[id] { return known }
        guard path.count < TreeRewriter.deepest else {
            throw RepositoryError(.damaged, "directories are nested more than \(TreeRewriter.deepest) deep")
        }
        let (tree, isReplaced) = try await load(id)
        var changed = Tree()
        for node in tree.nodes {
            if let node = try await rewrite(node, at: path + [node.name]) { changed.nodes.append(node) }
        }
        var result = id
        if changed != tree || isReplaced {
            changed.nodes.sort { $0.name < $1.name }
            result = try await save(changed)
        }
        let outcome = Outcome(id: result, isEmpty: changed.nodes.isEmpty)
        if !dependsOnPath { done[id] = outcome }
        return outcome
    }

    private mutating func rewrite(_ node: Node, at path: [FileName]) async throws(RepositoryError) -> Node? {
        var node = node
        switch decide(path, node) {
        case .drop: return nil
        case .keep: break
        case .change(let changed): node = changed
        }
        guard node.kind == .directory, let subtree = node.subtree else { return node }
        let outcome = try await rewrite(subtree, at: path)
        if dropsEmptied && outcome.isEmpty && outcome.id != subtree { return nil }
        node.subtree = outcome.id
        return node
    }

    private func load(_ id: ResticID) async throws(RepositoryError) -> (Tree, isReplaced: Bool) {
        let text: [UInt8]
        let tree: Tree
        do throws(RepositoryError) {
            text = try await repository.loadBlob(BlobHandle(.tree, id))
            tree = try TreeRewriter.decode(text, id)
        } catch {
            guard let replacement, error.code != .store, error.code != .cancelled else { throw error }
            return (replacement, true)
        }
        guard losesUnknown || tree.isCanonical(text) else {
            throw RepositoryError(
                .unsupported, "tree \(id) holds something that this program does not know and would lose")
        }
        return (tree, false)
    }

    private static func decode(_ text: [UInt8], _ id: ResticID) throws(RepositoryError) -> Tree {
        do throws(FormatError) {
            return try Tree(decoding: text)
        } catch {
            throw RepositoryError(error, in: "tree \(id)")
        }
    }

    private func save(_ tree: Tree) async throws(RepositoryError) -> ResticID {
        let text: [UInt8]
        do throws(FormatError) {
            text = try tree.encoded()
        } catch {
            throw RepositoryError(.damaged, "a changed directory cannot be written", cause: error)
        }
        let id = ResticID(hashing: text)
        try await writer.waitForRoom()
        _ = try writer.save(.tree, id: id, text)
        return id
    }
}
