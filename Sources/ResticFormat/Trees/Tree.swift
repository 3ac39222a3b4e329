/// The content of a directory: its text is a blob, and the blob's id names the directory.
package struct Tree: Sendable, Hashable {
    /// In the order of the text; ascending by name in everything but very old repositories.
    package var nodes: [Node]

    /// The bound of a tree's text: about two million entries.
    package static let maximumLength = 1 << 30

    package init(nodes: [Node] = []) { self.nodes = nodes }

    /// - Throws: `malformed`; `unsupported` for unknown kinds of nodes.
    package init(decoding text: UnsafeRawBufferPointer) throws(FormatError) {
        throw FormatError(.unsupported, "not yet")
    }

    package init(decoding text: [UInt8]) throws(FormatError) {
        self = try text.withUnsafeBytes { bytes throws(FormatError) in try Tree(decoding: bytes) }
    }

    /// The canonical text: byte for byte what restic writes.
    /// - Throws: `unencodable` if names do not ascend.
    package func encoded() throws(FormatError) -> [UInt8] {
        var builder = TreeBuilder()
        for node in nodes { try builder.append(node) }
        return builder.finish()
    }

    /// Whether this tree encodes to exactly `text`. Only then may it be rewritten: otherwise something would get lost.
    package func isCanonical(_ text: [UInt8]) -> Bool {
        guard let encoded = try? encoded() else { return false }
        return encoded == text
    }
}

/// Writes the text of a directory node by node. Names must ascend.
package struct TreeBuilder: ~Copyable {
    package init() {}

    /// - Throws: `unencodable` if the name is not greater than the one before.
    package mutating func append(_ node: borrowing Node) throws(FormatError) {
        throw FormatError(.unsupported, "not yet")
    }

    /// The whole text with its line feed.
    package consuming func finish() -> [UInt8] { [] }
}
