import Basics
import ResticFormat
import Synchronization

extension CheckRun {
    /// Every directory beneath the snapshots: that it can be read, that its entries make sense, that their blobs are known.
    func checkTrees(_ indexed: IndexedRepository, _ snapshots: [StoredSnapshot]) async throws(RepositoryError) {
        let roots = snapshots.map(\.snapshot.tree)
        try await TreeSweep(repository: indexed).run(roots: roots) { [self] swept in
            let count = result.withLock { result in
                result.checkedTrees += 1
                return result.checkedTrees
            }
            progress(RepositoryProgress(stage: .readingTrees, done: count, total: nil, bytes: 0))
            return visit(swept, indexed.index)
        }
    }

    private func visit(_ swept: SweptTree, _ index: RepositoryIndex) -> [ResticID] {
        switch swept {
        case .bad(let id, let error):
            lost.withLock { _ = $0.insert(BlobHandle(.tree, id)) }
            add(
                CheckFinding(
                    .damagedTree, id, ErrorChain.line(error), loss: "this directory and all beneath it",
                    advice: "back up again, which stores it anew if it still exists; then 'repair snapshots --forget'"))
            return []
        case .tree(let id, let tree):
            for node in tree.nodes { check(node, of: id, index) }
            if !zip(tree.nodes, tree.nodes.dropFirst()).allSatisfy({ $0.name < $1.name }) {
                add(
                    CheckFinding(
                        .unsortedTree, id, "the names of directory \(id) are not in order",
                        advice: "nothing is lost; very old versions wrote such"))
            }
            return tree.subtrees
        }
    }

    private func check(_ node: Node, of tree: ResticID, _ index: RepositoryIndex) {
        if let oddity = oddity(of: node) {
            add(
                CheckFinding(
                    .oddNode, tree, "directory \(tree) has an entry '\(node.name)' that \(oddity)", loss: "this entry",
                    advice: "run 'repair snapshots --forget'"))
            return
        }
        guard let content = node.content, node.kind == .file else { return }
        var size: UInt64 = 0
        for id in content {
            let handle = BlobHandle(.data, id)
            if let length = index.plainLength(of: handle) {
                size += UInt64(length)
            } else {
                note(missing: handle)
                return
            }
        }
        if size != node.size {
            add(
                CheckFinding(
                    .sizeDiffers, tree,
                    "'\(node.name)' in directory \(tree) has \(size) bytes of content, and says \(node.size)",
                    advice: "nothing is lost; its content is what counts"))
        }
    }

    private func oddity(of node: Node) -> String? {
        if !node.name.isPlain { return "has no proper name" }
        switch node.kind {
        case .unknown: return "is of no known kind"
        case .file where node.content == nil: return "has no content list"
        case .directory where node.subtree == nil: return "names no directory"
        default: return nil
        }
    }

    private func note(missing handle: BlobHandle) {
        guard lost.withLock({ $0.insert(handle).inserted }) else { return }
        add(
            CheckFinding(
                .missingBlob, handle.id, "\(handle.kind) blob \(handle.id) is in no index",
                loss: "the files that hold it",
                advice:
                    "run 'repair index' and back up again, which stores it anew if it still exists; then 'repair snapshots --forget'"
            ))
    }
}
