package import ResticFormat

/// Goes through a directory and all beneath it in the order of the names, as `ls` shows them.
///
/// Reads one directory at a time; for everything that needs no order, `TreeSweep` is faster. Memory: the directories on the
/// way from the root.
package struct TreeWalk {
    /// Where a walk stands: an entry with its place.
    package struct Step: Sendable {
        /// The names from the root to the entry, which is the last.
        package let path: [FileName]
        package let node: Node

        /// `/folder/file`, for people.
        package var text: String { "/" + path.map(\.description).joined(separator: "/") }
    }

    package enum Direction: Sendable {
        case goOn
        /// Not into this directory.
        case skip
        case stop
    }

    private let repository: IndexedRepository

    package init(_ repository: IndexedRepository) { self.repository = repository }

    /// Paths have at most 4096 bytes, so at most half as many directories.
    private static let deepest = 2048

    /// - Parameters:
    ///   - visit: each entry, a directory before what is in it.
    ///   - failed: a directory that cannot be read; the walk goes on behind it. Throws to end the walk.
    /// - Throws: `.store`, `.cancelled`; what `visit` and `failed` throw; `.damaged` for directories nested too deep.
    package func run(
        _ root: ResticID, at path: [FileName] = [], visit: (Step) async throws -> Direction,
        failed: ([FileName], RepositoryError) throws -> Void = { throw $1 }
    ) async throws {
        _ = try await walk(root, path, visit, failed)
    }

    /// - Returns: false once the walk is to end.
    private func walk(
        _ id: ResticID, _ path: [FileName], _ visit: (Step) async throws -> Direction,
        _ failed: ([FileName], RepositoryError) throws -> Void
    ) async throws -> Bool {
        guard path.count < TreeWalk.deepest else {
            throw RepositoryError(.damaged, "directories are nested more than \(TreeWalk.deepest) deep")
        }
        guard let tree = try await load(id, path, failed) else { return true }
        for node in tree.nodes {
            let inner = path + [node.name]
            switch try await visit(Step(path: inner, node: node)) {
            case .stop: return false
            case .skip: continue
            case .goOn:
                guard node.kind == .directory, let subtree = node.subtree else { continue }
                guard try await walk(subtree, inner, visit, failed) else { return false }
            }
        }
        return true
    }

    private func load(
        _ id: ResticID, _ path: [FileName], _ failed: ([FileName], RepositoryError) throws -> Void
    ) async throws -> Tree? {
        switch try await repository.tryLoadTree(id) {
        case .success(let tree): return tree
        case .failure(let error):
            try failed(path, error)
            return nil
        }
    }
}

extension IndexedRepository {
    /// A directory, or why it cannot be read.
    /// - Throws: `.store`, `.cancelled`.
    func tryLoadTree(_ id: ResticID) async throws(RepositoryError) -> Result<Tree, RepositoryError> {
        do throws(RepositoryError) {
            return .success(try await loadTree(id))
        } catch {
            if error.code == .store || error.code == .cancelled { throw error }
            return .failure(error)
        }
    }

    /// The entry at `path` beneath a root; nil for the root itself.
    ///
    /// - Parameter path: names separated by slashes; empty ones are passed over.
    /// - Throws: `.notFound`; as `loadTree`.
    package func node(at path: String, in root: ResticID) async throws(RepositoryError) -> Node? {
        var tree = root
        var found: Node?
        for name in path.utf8.split(separator: UInt8(ascii: "/")) {
            if let found, found.kind != .directory {
                throw RepositoryError(.notFound, "'\(found.name)' in '\(path)' is no directory")
            }
            let name = FileName(Array(name))
            guard let node = try await loadTree(tree).nodes.first(where: { $0.name == name }) else {
                throw RepositoryError(.notFound, "there is no '\(name)' in '\(path)'")
            }
            found = node
            if let subtree = node.subtree { tree = subtree }
        }
        return found
    }

    /// The directory at `path` beneath a root.
    /// - Throws: `.notFound` if there is none; as `loadTree`.
    package func directory(at path: String, in root: ResticID) async throws(RepositoryError) -> ResticID {
        guard let node = try await node(at: path, in: root) else { return root }
        guard node.kind == .directory, let subtree = node.subtree else {
            throw RepositoryError(.notFound, "'\(path)' is no directory")
        }
        return subtree
    }
}
