import MartletTestSupport
import ResticFormat

/// Trees of a seed, with every kind of node and everything that a node can have.
enum RandomTree {
    static func make(_ count: Int, _ generator: inout SeededGenerator) -> Tree {
        var names: Set<FileName> = []
        while names.count < count { names.insert(FileName(OddName.random(&generator))) }
        return Tree(nodes: names.sorted().map { node($0, &generator) })
    }

    static func node(_ name: FileName, _ generator: inout SeededGenerator) -> Node {
        let kind = NodeKind.allCases.randomElement(using: &generator) ?? .file
        var node = Node(
            name: name, kind: kind, mode: GoFileMode(rawValue: number32(&generator)), modified: time(&generator))
        node.accessed = time(&generator)
        node.changed = time(&generator)
        node.userID = number32(&generator)
        node.groupID = number32(&generator)
        node.user = text(&generator)
        node.group = text(&generator)
        node.inode = number(&generator)
        node.deviceID = number(&generator)
        node.size = number(&generator)
        node.links = number(&generator)
        node.device = number(&generator)
        addContent(to: &node, &generator)
        addRareMembers(to: &node, &generator)
        return node
    }

    private static func addContent(to node: inout Node, _ generator: inout SeededGenerator) {
        switch node.kind {
        case .file:
            node.content = (0..<Int.random(in: 0...4, using: &generator)).map { _ in ResticID(using: &generator) }
        case .directory: node.subtree = ResticID(using: &generator)
        case .symlink: node.linkTarget = OddName.random(&generator)
        default: break
        }
    }

    private static func addRareMembers(to node: inout Node, _ generator: inout SeededGenerator) {
        guard Bool.random(using: &generator) else { return }
        node.error = text(&generator)
        node.extendedAttributes = (0..<Int.random(in: 0...3, using: &generator)).map { _ in
            ExtendedAttribute(
                "user." + text(&generator), Sample.bytes(Int.random(in: 0...20, using: &generator), &generator))
        }
        if Bool.random(using: &generator) {
            node.genericAttributes = [GenericAttribute(name: "windows.x", json: Array(#"{"a":[1,"b"]}"#.utf8))]
        }
    }

    /// Valid UTF-8: these members are texts.
    private static func text(_ generator: inout SeededGenerator) -> String {
        Bool.random(using: &generator) ? "" : String(decoding: OddName.random(&generator), as: UTF8.self)
    }

    private static func time(_ generator: inout SeededGenerator) -> NodeTime {
        NodeTime(
            seconds: Int64.random(in: -60_000_000_000...250_000_000_000, using: &generator),
            nanoseconds: Bool.random(using: &generator) ? 0 : Int32.random(in: 0..<1_000_000_000, using: &generator),
            zoneOffset: [0, 3600, -34_200, 19_800].randomElement(using: &generator) ?? 0)
    }

    private static func number(_ generator: inout SeededGenerator) -> UInt64 {
        Bool.random(using: &generator) ? 0 : generator.next() >> UInt64.random(in: 0..<64, using: &generator)
    }

    private static func number32(_ generator: inout SeededGenerator) -> UInt32 {
        UInt32(truncatingIfNeeded: number(&generator))
    }
}
