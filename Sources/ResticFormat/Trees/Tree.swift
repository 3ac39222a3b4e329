/// The content of a directory: its text is a blob, and the blob's id names the directory.
package struct Tree: Sendable, Hashable {
    /// In the order of the text; ascending by name in everything but very old repositories.
    package var nodes: [Node]

    /// The bound of a tree's text: about two million entries.
    package static let maximumLength = 1 << 30

    package init(nodes: [Node] = []) { self.nodes = nodes }

    /// Reads a tree's text. Names may be any, in any order, even twice: `hasAscendingNames` and `FileName.isPlain` tell.
    /// - Throws: `malformed`; `unsupported` for unknown kinds of nodes; `limitExceeded` for absurd nesting or length.
    package init(decoding text: UnsafeRawBufferPointer) throws(FormatError) {
        nodes = []
        try Tree.scan(text) { node throws(FormatError) in nodes.append(node) }
    }

    package init(decoding text: [UInt8]) throws(FormatError) {
        self = try text.withRawBytes { bytes throws(FormatError) in try Tree(decoding: bytes) }
    }

    /// Reads a tree node by node, for directories that are too large to keep.
    /// - Throws: as above; what `visit` throws.
    package static func scan(
        _ text: UnsafeRawBufferPointer, visit: (Node) throws(FormatError) -> Void
    ) throws(FormatError) {
        guard text.count <= maximumLength else {
            throw FormatError(.limitExceeded, "a tree of \(text.count) bytes")
        }
        var reader = JSONReader(text)
        try reader.beginObject()
        var isFirst = true
        while let key = try reader.nextKey(&isFirst) {
            if key == "nodes" { try scanNodes(&reader, visit) } else { try reader.skipValue() }
        }
        try reader.expectEnd()
    }

    private static func scanNodes(
        _ reader: inout JSONReader, _ visit: (Node) throws(FormatError) -> Void
    ) throws(FormatError) {
        if reader.takeNull() { return }
        var isFirst = true
        while try reader.nextElement(&isFirst) { try visit(try reader.node()) }
    }

    /// The canonical text: byte for byte what restic writes, with the line feed at its end.
    /// - Throws: `unencodable` if names do not ascend.
    package func encoded() throws(FormatError) -> [UInt8] {
        var builder = TreeBuilder(expectedNodes: nodes.count)
        for node in nodes { try builder.append(node) }
        return builder.finish()
    }

    /// Whether every name is greater than the one before.
    package var hasAscendingNames: Bool {
        nodes.indices.dropFirst().allSatisfy { nodes[$0 - 1].name < nodes[$0].name }
    }

    /// Whether this tree encodes to exactly `text`. Only then may it be written anew: otherwise something would get lost.
    package func isCanonical(_ text: [UInt8]) -> Bool {
        guard hasAscendingNames, let encoded = try? encoded() else { return false }
        return encoded == text
    }
}

/// Writes the text of a directory node by node. Names must ascend. Memory: the text.
package struct TreeBuilder: ~Copyable {
    private var writer: ByteWriter
    private var lastName: FileName?

    package init(expectedNodes: Int = 16) {
        writer = ByteWriter(capacity: 64 + min(expectedNodes, 1 << 16) * 400)
        writer.append(#"{"nodes":["#)
    }

    /// Bytes so far.
    package var length: Int { writer.count }

    /// - Throws: `unencodable` if the name is not greater than the one before.
    package mutating func append(_ node: borrowing Node) throws(FormatError) {
        if let lastName {
            guard lastName < node.name else {
                throw FormatError(.unencodable, "the name \"\(node.name)\" does not come after \"\(lastName)\"")
            }
            writer.append(",")
        }
        writer.append(node)
        lastName = node.name
    }

    /// The whole text with its line feed.
    package consuming func finish() -> [UInt8] {
        writer.append("]}\n")
        return writer.bytes()
    }
}
