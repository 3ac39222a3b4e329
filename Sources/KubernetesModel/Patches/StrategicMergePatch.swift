/// A merge patch that knows which lists of the built-in kinds are merged element by element.
///
/// Directives inside the patch: `$patch: replace|delete|merge`, `$retainKeys`, `$deleteFromPrimitiveList/FIELD`,
/// `$setElementOrder/FIELD`. Source: Kubernetes, "Update API objects in place using kubectl patch", and the API
/// conventions' section on patch operations.
package struct StrategicMergePatch: Sendable, Hashable {
    package let json: JSONValue

    package init(_ json: JSONValue) { self.json = json }

    /// The object after the patch; `apiVersion` and `kind` of `object` choose the merge keys.
    ///
    /// - Throws: `.unsupported` for kinds that are not built in; `.malformed` for a directive of the wrong shape or a
    ///   list element without its merge key.
    package func applied(to object: JSONValue) throws(PatchError) -> JSONValue {
        let kind = object["kind"]?.string ?? ""
        let group = GroupVersion(apiVersion: object["apiVersion"]?.string ?? "").group
        guard let schema = MergeSchema.of(kind: kind, in: group) else {
            throw PatchError(
                .unsupported, "strategic merge patches are for built-in kinds, not for '\(kind)' of group '\(group)'")
        }
        return try StrategicMergePatch.merge(json, into: object, schema: schema, path: "")
    }

    private static func merge(
        _ patch: JSONValue, into original: JSONValue, schema: MergeSchema, path: String
    ) throws(PatchError) -> JSONValue {
        guard case .object(var changes) = patch else { return patch }
        var members = original.object ?? [:]
        if let directive = changes.removeValue(forKey: "$patch") {
            switch directive.string {
            case "replace": return stripped(.object(changes))
            case "delete": return .object([:])
            case "merge": break
            default: throw malformed("$patch", path)
            }
        }
        if let kept = changes.removeValue(forKey: "$retainKeys") {
            guard let keys = kept.array?.compactMap(\.string), keys.count == kept.array?.count else {
                throw malformed("$retainKeys", path)
            }
            members = members.filter { keys.contains($0.key) }
        }
        var lists = try ListDirectives(takenFrom: &changes, path: path)
        for (key, change) in changes {
            let place = path + "/" + key
            if change.isNull {
                members[key] = nil
            } else if case .array(let elements) = change {
                members[key] = .array(
                    try merge(list: elements, into: members[key]?.array, field: schema.field(key), path: place))
            } else if case .object = change {
                var inner = MergeSchema.plain
                if case .object(let known)? = schema.field(key) { inner = known }
                members[key] = try merge(change, into: members[key] ?? .null, schema: inner, path: place)
            } else {
                members[key] = change
            }
        }
        for (key, removed) in lists.deletions {
            guard let elements = members[key]?.array else { continue }
            members[key] = .array(elements.filter { !removed.contains($0) })
        }
        for (key, change) in changes {
            // Without a directive the order is that of the patch's own elements.
            guard case .array(let named) = change, lists.orders[key] == nil else { continue }
            lists.orders[key] = named.filter { $0["$patch"] == nil }
        }
        for (key, order) in lists.orders {
            guard let elements = members[key]?.array else { continue }
            let before = original[key]?.array ?? []
            guard let field = schema.field(key) else { continue }
            members[key] = .array(
                try ElementOrder(order, field: field, path: path + "/" + key).sorted(elements, before))
        }
        return .object(members)
    }

    private static func merge(
        list changes: [JSONValue], into original: [JSONValue]?, field: MergeSchema.Field?, path: String
    ) throws(PatchError) -> [JSONValue] {
        switch field {
        case .set:
            var merged = original ?? []
            for element in changes where !merged.contains(element) { merged.append(element) }
            return merged
        case .list(let key, let schema):
            if changes.contains(where: { $0["$patch"]?.string == "replace" }) {
                return changes.filter { $0["$patch"] == nil }.map(stripped)
            }
            var merged = original ?? []
            for change in changes {
                guard let identity = change[key] else {
                    throw PatchError(.malformed, "an element of '\(path)' has no merge key '\(key)'")
                }
                let index = merged.firstIndex { $0[key]?.isEquivalent(to: identity) ?? false }
                switch (change["$patch"]?.string, index) {
                case ("delete", _): merged.removeAll { $0[key]?.isEquivalent(to: identity) ?? false }
                case (_, let index?): merged[index] = try merge(change, into: merged[index], schema: schema, path: path)
                case (_, nil): merged.append(try merge(change, into: .null, schema: schema, path: path))
                }
            }
            return merged
        case .atomic, .object, nil: return changes.map(stripped)
        }
    }

    /// What a patch says where it replaces: without its directives.
    private static func stripped(_ value: JSONValue) -> JSONValue {
        switch value {
        case .object(let members):
            .object(members.filter { !isDirective($0.key) && !$0.value.isNull }.mapValues(stripped))
        case .array(let elements): .array(elements.map(stripped))
        default: value
        }
    }

    private static func isDirective(_ key: String) -> Bool {
        key == "$patch" || key == "$retainKeys" || key.hasPrefix("$deleteFromPrimitiveList/")
            || key.hasPrefix("$setElementOrder/")
    }

    fileprivate static func malformed(_ directive: String, _ path: String) -> PatchError {
        PatchError(.malformed, "the directive '\(directive)' at '\(path)' has the wrong shape")
    }
}

/// The directives about lists, by the field that they are about.
private struct ListDirectives {
    var deletions: [String: [JSONValue]] = [:]
    var orders: [String: [JSONValue]] = [:]

    init(takenFrom changes: inout [String: JSONValue], path: String) throws(PatchError) {
        for key in changes.keys where key.hasPrefix("$") {
            let parts = key.split(separator: "/", maxSplits: 1)
            guard parts.count == 2, ["$deleteFromPrimitiveList", "$setElementOrder"].contains(parts[0]) else {
                continue
            }
            guard let elements = changes.removeValue(forKey: key)?.array else {
                throw StrategicMergePatch.malformed(key, path)
            }
            if parts[0] == "$setElementOrder" {
                orders[String(parts[1])] = elements
            } else {
                deletions[String(parts[1])] = elements
            }
        }
    }
}

/// The order that a patch wants the elements of one list in.
private struct ElementOrder {
    private let key: String?
    private let wanted: [JSONValue]

    init(_ order: [JSONValue], field: MergeSchema.Field?, path: String) throws(PatchError) {
        if case .list(let key, _)? = field {
            self.key = key
            let identities = order.compactMap { $0[key] }
            guard identities.count == order.count else { throw StrategicMergePatch.malformed("$setElementOrder", path) }
            wanted = identities
        } else {
            key = nil
            wanted = order
        }
    }

    /// Elements that the patch names come in its order. One that it does not name stays before the first named element
    /// that it stood before in `original`.
    func sorted(_ elements: [JSONValue], _ original: [JSONValue]) -> [JSONValue] {
        let named = elements.filter { position($0, in: wanted) != nil }
            .sorted { position($0, in: wanted) ?? 0 < position($1, in: wanted) ?? 0 }
        var others = elements.filter { position($0, in: wanted) == nil }[...]
        let before = original.map(identity)
        var result: [JSONValue] = []
        for element in named {
            if let place = position(element, in: before) {
                while let other = others.first, position(other, in: before) ?? .max < place {
                    result.append(others.removeFirst())
                }
            }
            result.append(element)
        }
        return result + others
    }

    private func identity(_ element: JSONValue) -> JSONValue { key.flatMap { element[$0] } ?? element }

    private func position(_ element: JSONValue, in identities: [JSONValue]) -> Int? {
        let identity = identity(element)
        return identities.firstIndex { $0.isEquivalent(to: identity) }
    }
}
