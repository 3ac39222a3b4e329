/// One field that differs between two versions of an object, to be shown to people: `spec.replicas: 1 -> 3`.
package struct FieldDifference: Sendable, Hashable, CustomStringConvertible {
    /// Dotted, list elements by their name where they have one: `spec.containers[web].image`, `spec.args[0]`.
    package let path: String
    /// Nil if the field is new.
    package let old: JSONValue?
    /// Nil if the field is gone.
    package let new: JSONValue?
    /// The values are secrets: the text says only that there is a change.
    package let isSecret: Bool

    /// One line of at most a few hundred characters; long values are cut.
    package var description: String {
        if isSecret { return "\(path): \(old == nil ? "added" : new == nil ? "removed" : "changed")" }
        return "\(path): \(FieldDifference.text(old)) -> \(FieldDifference.text(new))"
    }

    /// A value longer than this many characters is cut.
    private static let longest = 80

    private static func text(_ value: JSONValue?) -> String {
        guard let value else { return "(none)" }
        let whole = String(decoding: value.serialized(), as: UTF8.self)
        return whole.count <= longest ? whole : "\(whole.prefix(longest))… (\(whole.utf8.count) bytes)"
    }
}

extension FieldDifference {
    /// What differs between two versions of one object, sorted by path. Numbers compare by value.
    ///
    /// The values of a Secret, `kubectl`'s copy of it in an annotation included, are marked secret.
    package static func between(_ old: APIObject, _ new: APIObject) -> [FieldDifference] {
        let isSecret = [old, new].contains { $0.kind == "Secret" && $0.groupVersion.group.isEmpty }
        var found: [FieldDifference] = []
        compare(old.json, new.json, [], isSecret: isSecret, into: &found)
        return found.sorted { $0.path < $1.path }
    }

    private static func compare(
        _ old: JSONValue?, _ new: JSONValue?, _ path: [String], isSecret: Bool, into found: inout [FieldDifference]
    ) {
        switch (old, new) {
        case (.object(let left)?, .object(let right)?):
            for key in Set(left.keys).union(right.keys) {
                compare(left[key], right[key], path + [step(key)], isSecret: isSecret, into: &found)
            }
        case (.array(let left)?, .array(let right)?):
            compare(left, right, path, isSecret: isSecret, into: &found)
        case (let left?, let right?) where left.isEquivalent(to: right): break
        case (nil, nil): break
        default:
            if isSecret, path.count == 1, isSecretMap(path) {
                // A map that comes or goes as a whole still names its keys.
                let (left, right) = (old?.object ?? [:], new?.object ?? [:])
                if !left.isEmpty || !right.isEmpty {
                    compare(.object(left), .object(right), path, isSecret: true, into: &found)
                    return
                }
            }
            found.append(
                FieldDifference(
                    path: joined(path), old: old, new: new, isSecret: isSecret && hidesValue(path, old, new)))
        }
    }

    private static func compare(
        _ left: [JSONValue], _ right: [JSONValue], _ path: [String], isSecret: Bool, into found: inout [FieldDifference]
    ) {
        if let oldByName = byName(left), let newByName = byName(right) {
            for name in Set(oldByName.keys).union(newByName.keys) {
                compare(oldByName[name], newByName[name], path + ["[\(name)]"], isSecret: isSecret, into: &found)
            }
            return
        }
        for index in 0..<max(left.count, right.count) {
            let old = left.dropFirst(index).first
            let new = right.dropFirst(index).first
            compare(old, new, path + ["[\(index)]"], isSecret: isSecret, into: &found)
        }
    }

    /// The elements by `name`, if all have one and no two the same. An empty list is no reason to count by position.
    private static func byName(_ elements: [JSONValue]) -> [String: JSONValue]? {
        var named: [String: JSONValue] = [:]
        for element in elements {
            guard let name = element["name"]?.string, named.updateValue(element, forKey: name) == nil else {
                return nil
            }
        }
        return named
    }

    private static func isSecretMap(_ path: [String]) -> Bool { path == ["data"] || path == ["stringData"] }

    /// In a Secret everything under its data is hidden, and so are annotations: tools keep copies of the object there.
    private static func hidesValue(_ path: [String], _ old: JSONValue?, _ new: JSONValue?) -> Bool {
        guard let first = path.first else { return true }
        return isSecretMap([first]) || path.starts(with: ["metadata", "annotations"]) || path == ["metadata"]
            || path.starts(with: ["metadata", "managedFields"])
    }

    /// A key that holds a dot or a bracket is quoted, so that a path can be read in one way only.
    private static func step(_ key: String) -> String {
        key.utf8.contains { [UInt8(ascii: "."), UInt8(ascii: "["), UInt8(ascii: "]")].contains($0) }
            ? "['\(key)']" : key
    }

    private static func joined(_ path: [String]) -> String {
        path.reduce(into: "") { text, step in
            if !text.isEmpty, !step.hasPrefix("[") { text += "." }
            text += step
        }
    }
}
