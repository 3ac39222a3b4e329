import Basics
import KubernetesModel

/// A set of fields of one object: paths in the notation of `FieldsV1` (`f:spec`, `k:{"name":"web"}`).
struct FieldSet: Hashable {
    typealias Path = [String]
    var leaves: Set<Path> = []

    init() {}

    /// The leaves of `object`, but for what the server alone decides.
    init(of object: JSONValue, schema: MergeSchema) {
        guard var members = object.object else { return }
        var metadata = members["metadata"]?.object ?? [:]
        for field in [
            "name", "namespace", "uid", "resourceVersion", "creationTimestamp", "generation", "managedFields",
            "selfLink", "deletionTimestamp", "deletionGracePeriodSeconds",
        ] {
            metadata[field] = nil
        }
        members["metadata"] = metadata.isEmpty ? nil : .object(metadata)
        members["apiVersion"] = nil
        members["kind"] = nil
        collect(.object(members), schema, [])
    }

    private mutating func collect(_ value: JSONValue, _ schema: MergeSchema, _ path: Path) {
        guard case .object(let members) = value, !members.isEmpty else {
            leaves.insert(path)
            return
        }
        for (key, child) in members {
            let place = path + ["f:" + key]
            switch (schema.field(key), child) {
            case (.list(let mergeKey, let inner)?, .array(let elements)):
                for element in elements {
                    let identity: JSONValue = [mergeKey: element[mergeKey] ?? .null]
                    let name = "k:" + String(decoding: identity.serialized(), as: UTF8.self)
                    collect(element, inner, place + [name])
                }
            case (.set?, .array(let elements)):
                for element in elements {
                    leaves.insert(place + ["v:" + String(decoding: element.serialized(), as: UTF8.self)])
                }
            case (.object(let inner)?, _): collect(child, inner, place)
            default: collect(child, .plain, place)
            }
        }
    }

    /// The nested form of `FieldsV1`.
    var json: JSONValue {
        var tree: JSONValue = [:]
        for path in leaves { tree[path] = tree[path] ?? [:] }
        return tree
    }

    init(json: JSONValue) {
        func walk(_ value: JSONValue, _ path: Path, _ leaves: inout Set<Path>) {
            guard let members = value.object, members.contains(where: { $0.key != "." }) else {
                if !path.isEmpty { leaves.insert(path) }
                return
            }
            for (key, child) in members where key != "." { walk(child, path + [key], &leaves) }
        }
        walk(json, [], &leaves)
    }
}

/// Who wrote, and how.
struct FieldOwner: Hashable {
    let manager: String
    let operation: String
    let apiVersion: String
    let subresource: String?
}

/// Which fields of an object belong to whom. Source: Kubernetes documentation, "Server-Side Apply", "Field management".
struct ManagedFields: Equatable {
    private var fields: [FieldOwner: FieldSet]

    init(_ fields: [FieldOwner: FieldSet]) { self.fields = fields }

    init(_ json: JSONValue?) {
        fields = [:]
        for entry in json?.array ?? [] {
            let owner = FieldOwner(
                manager: entry["manager"]?.string ?? "", operation: entry["operation"]?.string ?? "",
                apiVersion: entry["apiVersion"]?.string ?? "", subresource: entry["subresource"]?.string)
            fields[owner] = FieldSet(json: entry["fieldsV1"] ?? [:])
        }
    }

    /// The list as objects carry it; an owner whose fields did not change keeps its time.
    func json(now: Timestamp, previous: JSONValue? = nil) -> JSONValue? {
        let before = ManagedFields(previous)
        let entries = fields.filter { !$0.value.leaves.isEmpty }
            .sorted { ($0.key.operation, $0.key.manager) < ($1.key.operation, $1.key.manager) }
            .map { owner, set -> JSONValue in
                var time = now.wholeSeconds.description
                if before.fields[owner] == set,
                    let old = previous?.array?.first(where: { $0["manager"] == .string(owner.manager) })
                {
                    time = old["time"]?.string ?? time
                }
                var entry: JSONValue = [
                    "manager": .string(owner.manager), "operation": .string(owner.operation),
                    "apiVersion": .string(owner.apiVersion), "time": .string(time), "fieldsType": "FieldsV1",
                    "fieldsV1": set.json,
                ]
                if let subresource = owner.subresource { entry["subresource"] = .string(subresource) }
                return entry
            }
        return entries.isEmpty ? nil : .array(entries)
    }

    /// What `owner` changed becomes its own and nobody else's.
    mutating func update(from before: JSONValue?, to after: JSONValue, by owner: FieldOwner, schema: MergeSchema) {
        let old = before.map { FieldSet(of: $0, schema: schema).leaves } ?? []
        let new = FieldSet(of: after, schema: schema).leaves
        let changed = new.filter { path in
            guard let before, old.contains(path) else { return true }
            return FieldPaths.value(path, in: before) != FieldPaths.value(path, in: after)
        }
        let gone = old.subtracting(new)
        for other in fields.keys {
            fields[other]?.leaves.subtract(gone)
            if other != owner { fields[other]?.leaves.subtract(changed) }
        }
        if !changed.isEmpty { fields[owner, default: FieldSet()].leaves.formUnion(changed) }
    }

    /// `live` with what `sent` says, and without what its owner said last time and nobody else owns.
    mutating func apply(
        _ sent: JSONValue, to live: JSONValue, by owner: FieldOwner, schema: MergeSchema, force: Bool
    ) -> (result: JSONValue, conflicts: [(manager: String, field: String)]) {
        let wanted = FieldSet(of: sent, schema: schema)
        var conflicts: [(manager: String, field: String)] = []
        for (other, set) in fields where other != owner {
            let disputed = set.leaves.intersection(wanted.leaves).filter {
                FieldPaths.value($0, in: live) != FieldPaths.value($0, in: sent)
            }
            if force {
                fields[other]?.leaves.subtract(disputed)
            } else {
                conflicts += disputed.map { (other.manager, FieldPaths.text($0)) }
            }
        }
        guard conflicts.isEmpty else { return (live, conflicts.sorted { $0.field < $1.field }) }
        let others = fields.filter { $0.key != owner }.values.reduce(into: Set()) { $0.formUnion($1.leaves) }
        let dropped = (fields[owner]?.leaves ?? []).subtracting(wanted.leaves).subtracting(others)
        var result = live
        for path in dropped.sorted(by: { $0.count > $1.count }) { FieldPaths.remove(path[...], from: &result) }
        var patch = sent
        for field in ["uid", "resourceVersion", "creationTimestamp", "managedFields"] { patch["metadata", field] = nil }
        result = FieldPaths.merge(patch, into: result, schema: schema)
        fields[owner] = wanted
        return (result, [])
    }
}

/// Walks objects by the paths of `FieldsV1`.
private enum FieldPaths {
    static func value(_ path: FieldSet.Path, in object: JSONValue) -> JSONValue? {
        var value = object
        for step in path {
            guard let next = child(step, of: value) else { return nil }
            value = next
        }
        return value
    }

    /// As conflicts name fields: `.spec.containers[name="web"].image`.
    static func text(_ path: FieldSet.Path) -> String {
        path.map { step in
            if step.hasPrefix("f:") { return "." + step.dropFirst(2) }
            if step.hasPrefix("k:"), let (key, value) = identity(step) {
                return "[\(key)=\(String(decoding: value.serialized(), as: UTF8.self))]"
            }
            return "[=\(step.dropFirst(2))]"
        }.joined()
    }

    static func remove(_ path: ArraySlice<String>, from value: inout JSONValue) {
        guard let step = path.first else { return }
        let rest = path.dropFirst()
        if step.hasPrefix("f:") {
            let key = String(step.dropFirst(2))
            guard var child = value[key] else { return }
            if rest.isEmpty {
                value[key] = nil
            } else {
                remove(rest, from: &child)
                let isEmpty = child == .object([:]) || child == .array([])
                value[key] = child
                if isEmpty { value[key] = nil }
            }
        } else if case .array(var elements) = value, let index = elements.firstIndex(where: { matches(step, $0) }) {
            if rest.isEmpty {
                elements.remove(at: index)
            } else {
                remove(rest, from: &elements[index])
                // What is left of an element that has only its key is nothing.
                if let (key, _) = identity(step), elements[index].object?.keys.allSatisfy({ $0 == key }) ?? false {
                    elements.remove(at: index)
                }
            }
            value = .array(elements)
        }
    }

    /// Sets what `patch` says; lists with a merge key element by element.
    static func merge(_ patch: JSONValue, into live: JSONValue, schema: MergeSchema) -> JSONValue {
        guard case .object(let changes) = patch else { return patch }
        var members = live.object ?? [:]
        for (key, change) in changes {
            switch (schema.field(key), change) {
            case (.list(let mergeKey, let inner)?, .array(let elements)):
                var merged = members[key]?.array ?? []
                for element in elements {
                    if let index = merged.firstIndex(where: { $0[mergeKey] == element[mergeKey] }) {
                        merged[index] = merge(element, into: merged[index], schema: inner)
                    } else {
                        merged.append(element)
                    }
                }
                members[key] = .array(merged)
            case (.set?, .array(let elements)):
                let old = members[key]?.array ?? []
                members[key] = .array(old + elements.filter { !old.contains($0) })
            case (.object(let inner)?, _): members[key] = merge(change, into: members[key] ?? .null, schema: inner)
            default: members[key] = merge(change, into: members[key] ?? .null, schema: .plain)
            }
        }
        return .object(members)
    }

    private static func child(_ step: String, of value: JSONValue) -> JSONValue? {
        if step.hasPrefix("f:") { return value[String(step.dropFirst(2))] }
        return value.array?.first { matches(step, $0) }
    }

    private static func matches(_ step: String, _ element: JSONValue) -> Bool {
        if let (key, value) = identity(step) { return element[key] == value }
        return step == "v:" + String(decoding: element.serialized(), as: UTF8.self)
    }

    private static func identity(_ step: String) -> (key: String, value: JSONValue)? {
        guard step.hasPrefix("k:"),
            let json = try? JSONValue(parsing: String(step.dropFirst(2)))  // Else no such element.
        else { return nil }
        return json.object?.first.map { ($0.key, $0.value) }
    }
}
