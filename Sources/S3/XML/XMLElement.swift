/// An element of an answer: S3 puts values into elements only, so attributes are read over.
struct XMLElement: Hashable {
    /// Without a namespace prefix.
    let name: String
    /// The text directly inside, entities resolved. Blanks between children are part of it.
    var text = ""
    var children: [XMLElement] = []

    /// The text of the first child of that name.
    subscript(name: String) -> String? { children.first { $0.name == name }?.text }

    func first(_ name: String) -> XMLElement? { children.first { $0.name == name } }

    func all(_ name: String) -> [XMLElement] { children.filter { $0.name == name } }
}

/// Why an answer is not the XML that was expected.
struct XMLError: Error, CustomStringConvertible {
    let reason: String
    /// In bytes.
    let offset: Int

    var description: String { "the answer is no XML: \(reason) at byte \(offset)" }
}
