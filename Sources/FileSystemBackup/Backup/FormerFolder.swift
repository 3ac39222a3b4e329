import ResticFormat

/// A folder of the parent snapshot, to compare with.
struct FormerFolder: Sendable {
    let id: ResticID
    /// Ascending by name.
    private let nodes: [Node]

    init(id: ResticID, _ tree: Tree) {
        self.id = id
        let isSorted = zip(tree.nodes, tree.nodes.dropFirst()).allSatisfy { precedes($0.name.bytes, $1.name.bytes) }
        nodes = isSorted ? tree.nodes : tree.nodes.sorted { precedes($0.name.bytes, $1.name.bytes) }
    }

    func node(_ name: [UInt8]) -> Node? {
        var low = 0
        var high = nodes.count
        while low < high {
            let middle = (low + high) / 2
            if precedes(nodes[middle].name.bytes, name) { low = middle + 1 } else { high = middle }
        }
        return low < nodes.count && nodes[low].name.bytes == name ? nodes[low] : nil
    }

    /// Whether `new` says the same about everything: the folder's tree is then this one, and its text need not be made.
    func isSame(as new: [Node]) -> Bool { nodes == new }
}
