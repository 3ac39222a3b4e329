/// One API object, decoded, to be looked into or changed. Everything the server sent is in `json`.
package struct APIObject: Sendable, Hashable {
    package var json: JSONValue

    package init(_ json: JSONValue) { self.json = json }

    package init(parsing bytes: some Sequence<UInt8>) throws(JSONError) {
        json = try JSONValue(parsing: bytes)
    }

    package var apiVersion: String { json["apiVersion"]?.string ?? "" }
    package var groupVersion: GroupVersion { GroupVersion(apiVersion: apiVersion) }
    package var kind: String { json["kind"]?.string ?? "" }

    package var metadata: JSONValue {
        get { json["metadata"] ?? .object([:]) }
        set { json["metadata"] = newValue }
    }

    package var name: String { json["metadata", "name"]?.string ?? "" }
    package var uid: String? { json["metadata", "uid"]?.string }
    package var resourceVersion: String? { json["metadata", "resourceVersion"]?.string }
    package var isBeingDeleted: Bool { !(json["metadata", "deletionTimestamp"] ?? .null).isNull }

    package var namespace: String? {
        get { json["metadata", "namespace"]?.string.flatMap { $0.isEmpty ? nil : $0 } }
        set { json["metadata", "namespace"] = newValue.map { .string($0) } }
    }

    /// Values that are no strings are left out; the API server does not accept them.
    package var labels: [String: String] {
        get { stringMap("labels") }
        set { json["metadata", "labels"] = newValue.isEmpty ? nil : .object(newValue.mapValues { .string($0) }) }
    }

    package var annotations: [String: String] {
        get { stringMap("annotations") }
        set { json["metadata", "annotations"] = newValue.isEmpty ? nil : .object(newValue.mapValues { .string($0) }) }
    }

    private func stringMap(_ key: String) -> [String: String] {
        (json["metadata", key]?.object ?? [:]).compactMapValues(\.string)
    }
}
