internal import KubernetesModel
internal import Transport

/// The path of a kind, an object or a subresource. Every part is one segment and stays one, whatever it is called: what
/// could leave its segment is refused before anything is sent.
struct ResourcePath: Sendable {
    /// Percent-encoded, with the endpoint's base path in front.
    let text: String

    /// - Throws: `.malformed` if a part cannot be a path segment, or a namespaced kind lacks its namespace where one is
    ///   needed.
    init(
        base: String, _ kind: ResourceKind, namespace: String?, name: String? = nil, subresource: String? = nil,
        needsNamespace: Bool
    ) throws(APIError) {
        let group = kind.groupVersion.group
        var parts = group.isEmpty ? ["api"] : ["apis", group]
        parts.append(kind.groupVersion.version)
        if kind.isNamespaced, let namespace, !namespace.isEmpty {
            parts += ["namespaces", namespace]
        } else if kind.isNamespaced, needsNamespace {
            throw APIError(.malformed, "\(kind.groupResource)/\(name ?? ""): a namespace is needed")
        }
        parts.append(kind.resource)
        if let name { parts.append(name) }
        if let subresource { parts.append(subresource) }
        var text = base
        for part in parts {
            guard ResourcePath.isSegment(part) else {
                throw APIError(.malformed, "\(kind.groupResource): '\(printable(part))' cannot be part of a path")
            }
            text += "/" + PercentEncoding.encode(part)
        }
        self.text = text
    }

    /// Source: Kubernetes documentation, "Object names and IDs", "Path segment names": not `.`, not `..`, no `/`, no `%`.
    static func isSegment(_ part: String) -> Bool {
        !part.isEmpty && part != "." && part != ".." && part.utf8.count <= 1_024
            && part.utf8.allSatisfy { $0 > 0x20 && $0 != 0x7F && $0 != UInt8(ascii: "/") && $0 != UInt8(ascii: "%") }
    }
}

/// At most 64 characters of `text`, control characters as `?`: for messages about input that is not to be trusted.
func printable(_ text: String) -> String {
    String(text.prefix(64).map { $0.unicodeScalars.contains { $0.value < 0x20 || $0.value == 0x7F } ? "?" : $0 })
}
