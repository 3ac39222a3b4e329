package import KubernetesModel

/// Checks what an archive says before anything of it is believed: whoever can write to the bucket can write an archive.
package enum ItemCheck {
    static let longestName = 253

    /// Decodes the bytes of one item and compares them with the place where they lie.
    ///
    /// - Throws: `ActionError` that names the item and what is wrong with it; the item is then not restored.
    package static func decode(_ bytes: [UInt8], at place: ObjectReference) throws(ActionError) -> APIObject {
        try checkNames(of: place)
        let object: APIObject
        do {
            object = APIObject(try JSONValue(parsing: bytes))
        } catch {
            throw ActionError("\(place) is refused: its bytes in the archive are \(error)")
        }
        guard object.json.object != nil, !object.apiVersion.isEmpty, !object.kind.isEmpty else {
            throw ActionError("\(place) is refused: its bytes in the archive are no object with apiVersion and kind")
        }
        guard object.name == place.name else {
            throw ActionError("\(place) is refused: the object in the archive calls itself '\(shown(object.name))'")
        }
        guard object.namespace == place.namespace else {
            throw ActionError(
                "\(place) is refused: the object in the archive says it is in "
                    + (object.namespace.map { "namespace '\(shown($0))'" } ?? "no namespace"))
        }
        guard object.groupVersion.group == place.resource.group else {
            throw ActionError(
                "\(place) is refused: the object in the archive is of '\(shown(object.apiVersion))', another group")
        }
        return object
    }

    /// Names become parts of URLs and of messages.
    package static func checkNames(of place: ObjectReference) throws(ActionError) {
        if let problem = problem(withName: place.name) {
            throw ActionError("'\(shown(place.name))' (\(place.resource)) is no name of an object: \(problem)")
        }
        if let namespace = place.namespace, let problem = NameRules.namespace(namespace) {
            throw ActionError("'\(shown(namespace))' (\(place.resource)) is no name of a namespace: \(problem)")
        }
    }

    private static func problem(withName name: String) -> String? {
        if name.utf8.count > longestName { return "longer than \(longestName) bytes" }
        if name.unicodeScalars.contains(where: { $0.value < 0x20 || $0.value == 0x7F }) { return "control characters" }
        return NameRules.pathSegment(name)
    }

    /// A foreign text for a message: one line, at most 80 characters.
    private static func shown(_ text: String) -> String {
        let printable = text.unicodeScalars.prefix(80).map { $0.value < 0x20 || $0.value == 0x7F ? "?" : Character($0) }
        return String(printable)
    }
}
