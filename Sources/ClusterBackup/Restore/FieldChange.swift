package import KubernetesModel

/// One field that differs between two objects.
package struct FieldChange: Sendable, Hashable, CustomStringConvertible {
    package enum Value: Sendable, Hashable {
        case absent
        case value(JSONValue)
        /// There is a value, and it is not for eyes: the data of a Secret.
        case hidden
    }

    /// A JSON pointer (RFC 6901): `/spec/ports/0/nodePort`.
    package let path: String
    package let before: Value
    package let after: Value

    package init(path: String, before: Value, after: Value) {
        self.path = path
        self.before = before
        self.after = after
    }

    /// One line: `~ /spec/replicas: 1 -> 3`, `+ /metadata/labels/app: "web"`, `- /spec/paused: true`.
    package var description: String {
        switch (before, after) {
        case (.absent, _): "+ \(path): \(FieldChange.text(after))"
        case (_, .absent): "- \(path): \(FieldChange.text(before))"
        default: "~ \(path): \(FieldChange.text(before)) -> \(FieldChange.text(after))"
        }
    }

    /// At most 120 characters of a value; a plan is read by people.
    private static func text(_ value: Value) -> String {
        switch value {
        case .absent: return "(none)"
        case .hidden: return "(not shown)"
        case .value(let json):
            let text = String(decoding: json.serialized(), as: UTF8.self)
            return text.count > 120 ? "\(text.prefix(117))..." : text
        }
    }
}

/// Finds the fields in which two JSON documents differ.
package enum FieldDiff {
    /// The differences in the order of their paths. Lists of equal length are compared element by element; others count
    /// as one field.
    ///
    /// - Parameter hides: whether what lies at a path must not be shown.
    package static func changes(
        from before: JSONValue, to after: JSONValue, hiding hides: (String) -> Bool = { _ in false }
    ) -> [FieldChange] {
        var changes: [FieldChange] = []
        collect(before, after, path: "", hides: hides, into: &changes)
        return changes
    }

    /// As `changes`, with what a Secret holds left out of sight.
    package static func changes(from before: APIObject, to after: APIObject) -> [FieldChange] {
        guard before.kind == "Secret" || after.kind == "Secret" else {
            return changes(from: before.json, to: after.json)
        }
        return changes(from: before.json, to: after.json, hiding: isSecret)
    }

    private static func isSecret(_ path: String) -> Bool {
        path == "/data" || path == "/stringData" || path.hasPrefix("/data/") || path.hasPrefix("/stringData/")
            || path == "/metadata/annotations" || path == "/metadata"
            || path == "/metadata/annotations/kubectl.kubernetes.io~1last-applied-configuration"
    }

    private static func collect(
        _ before: JSONValue?, _ after: JSONValue?, path: String, hides: (String) -> Bool,
        into changes: inout [FieldChange]
    ) {
        if before == after { return }
        if case .object(let old)? = before, case .object(let new)? = after {
            for key in Set(old.keys).union(new.keys).sorted() {
                collect(old[key], new[key], path: "\(path)/\(escaped(key))", hides: hides, into: &changes)
            }
            return
        }
        if case .array(let old)? = before, case .array(let new)? = after, old.count == new.count {
            for index in old.indices {
                collect(old[index], new[index], path: "\(path)/\(index)", hides: hides, into: &changes)
            }
            return
        }
        let hidden = hides(path)
        changes.append(
            FieldChange(path: path, before: value(before, hidden: hidden), after: value(after, hidden: hidden)))
    }

    private static func value(_ json: JSONValue?, hidden: Bool) -> FieldChange.Value {
        guard let json else { return .absent }
        return hidden ? .hidden : .value(json)
    }

    /// A key as one segment of a JSON pointer.
    package static func escaped(_ key: String) -> String {
        guard key.utf8.contains(where: { $0 == UInt8(ascii: "~") || $0 == UInt8(ascii: "/") }) else { return key }
        return key.reduce(into: "") { text, character in
            switch character {
            case "~": text += "~0"
            case "/": text += "~1"
            default: text.append(character)
            }
        }
    }
}
