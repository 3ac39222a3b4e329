package import KubernetesModel

/// What is in a backup, by name: `NAME-resource-list.json.gz`. Source: Velero 1.18.
package enum ResourceList {
    /// The key of a kind: `v1/Pod`, `apps/v1/Deployment`.
    package static func key(_ groupVersion: GroupVersion, kind: String) -> String { "\(groupVersion)/\(kind)" }

    /// Reads the file: names (`namespace/name` or `name`) by kind. Absent and null lists are empty.
    package static func names(in json: JSONValue) -> [String: [String]] {
        (json.object ?? [:]).mapValues { ($0.array ?? []).compactMap(\.string) }
    }

    package static func json(_ names: [String: [String]]) -> JSONValue {
        .object(names.mapValues { .array($0.map { .string($0) }) })
    }
}
