package import VeleroAPI

/// The messages of a run as a person reads them: `pods study/web-0: the hooks were not run`.
///
/// In files they have Velero's form, `resource: /pods name: /web-0 message: /the hooks were not run`, with the namespace
/// beside it, so that other programs find them. Restores write sentences at once.
package enum ResultLines {
    package static func lines(_ messages: ResultMessages) -> [String] {
        messages.velero + messages.cluster.map { line($0, namespace: nil) }
            + messages.namespaces.sorted { $0.key < $1.key }.flatMap { namespace, texts in
                texts.map { line($0, namespace: namespace) }
            }
    }

    /// A message of another form stays as it is.
    package static func line(_ message: String, namespace: String?) -> String {
        guard let text = Parts(message) else { return message }
        let error = text.error.map { ": \($0)" } ?? ""
        if text.name == nil, text.message.hasPrefix(text.resource + " ") {
            return (namespace.map { "namespace \($0): " } ?? "") + text.message + error
        }
        let place = [namespace, text.name].compactMap(\.self).joined(separator: "/")
        let subject = place.isEmpty ? text.resource : "\(text.resource) \(place)"
        return "\(subject): \(text.message)\(error)"
    }

    private struct Parts {
        var resource = ""
        var name: String?
        var message = ""
        var error: String?

        init?(_ text: String) {
            let start = "resource: /"
            guard text.hasPrefix(start), let middle = text.firstRange(of: " message: /") else { return nil }
            let subject = text[..<middle.lowerBound].dropFirst(start.count)
            let said = text[middle.upperBound...]
            if let cut = subject.firstRange(of: " name: /") {
                resource = String(subject[..<cut.lowerBound])
                name = String(subject[cut.upperBound...])
            } else {
                resource = String(subject)
            }
            if let cut = said.firstRange(of: " error: /") {
                message = String(said[..<cut.lowerBound])
                error = String(said[cut.upperBound...])
            } else {
                message = String(said)
            }
        }
    }
}
