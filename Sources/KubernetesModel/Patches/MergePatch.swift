/// A patch that looks like the document: what it names is set, what it names as null is removed, lists are replaced
/// whole. Source: RFC 7386.
package struct MergePatch: Sendable, Hashable {
    package let json: JSONValue

    package init(_ json: JSONValue) { self.json = json }

    /// The smallest patch that turns `old` into `new`.
    ///
    /// A merge patch cannot set a member to null: members that are null in `new` count as absent.
    package init(from old: JSONValue, to new: JSONValue) {
        json = MergePatch.difference(old, new)
    }

    /// Whether applying this changes nothing, whatever the document (as long as it is an object).
    package var isEmpty: Bool { json == .object([:]) }

    package func applied(to document: JSONValue) -> JSONValue { MergePatch.merge(json, into: document) }

    private static func merge(_ patch: JSONValue, into target: JSONValue) -> JSONValue {
        guard case .object(let changes) = patch else { return patch }
        var members = target.object ?? [:]
        for (key, change) in changes {
            // Not a conditional expression: `nil` would be read as the JSON null in it.
            if change.isNull {
                members.removeValue(forKey: key)
            } else {
                members[key] = merge(change, into: members[key] ?? .null)
            }
        }
        return .object(members)
    }

    private static func difference(_ old: JSONValue, _ new: JSONValue) -> JSONValue {
        guard case .object(let newMembers) = new else { return new }
        guard case .object(let oldMembers) = old else { return new.withoutNullMembers }
        var changes: [String: JSONValue] = [:]
        for (key, oldValue) in oldMembers where newMembers[key] ?? .null == .null && !oldValue.isNull {
            changes[key] = .null
        }
        for (key, newValue) in newMembers where !newValue.isNull {
            guard let oldValue = oldMembers[key] else {
                changes[key] = newValue.withoutNullMembers
                continue
            }
            if oldValue == newValue { continue }
            if oldValue.object != nil, newValue.object != nil {
                let inner = difference(oldValue, newValue)
                if inner != .object([:]) { changes[key] = inner }
            } else {
                changes[key] = newValue.withoutNullMembers
            }
        }
        return .object(changes)
    }
}

extension JSONValue {
    /// Without the members that are null, at any depth of objects; inside lists nothing changes.
    package var withoutNullMembers: JSONValue {
        guard case .object(let members) = self else { return self }
        return .object(members.filter { !$0.value.isNull }.mapValues(\.withoutNullMembers))
    }
}
