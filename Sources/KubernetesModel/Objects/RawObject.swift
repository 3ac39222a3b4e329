/// One API object as the server sent it: its bytes untouched, and the few fields that selection needs, read once.
///
/// Most objects of a backup are only selected and written down; decoding and encoding them would cost most of the time
/// and could change them.
package struct RawObject: Sendable {
    /// One JSON object, with `apiVersion` and `kind` in it.
    package let bytes: [UInt8]
    package let apiVersion: String
    package let kind: String
    package let name: String
    /// Nil for cluster-scoped objects.
    package let namespace: String?
    package let labels: [String: String]
    package let annotations: [String: String]
    package let isBeingDeleted: Bool

    package init(
        bytes: [UInt8], apiVersion: String, kind: String, name: String, namespace: String?, labels: [String: String],
        annotations: [String: String], isBeingDeleted: Bool
    ) {
        self.bytes = bytes
        self.apiVersion = apiVersion
        self.kind = kind
        self.name = name
        self.namespace = namespace
        self.labels = labels
        self.annotations = annotations
        self.isBeingDeleted = isBeingDeleted
    }

    /// Reads the header fields out of `bytes`, which must be one JSON object.
    package init(bytes: [UInt8]) throws(JSONError) {
        let object = APIObject(try JSONValue(parsing: bytes))
        self.init(
            bytes: bytes, apiVersion: object.apiVersion, kind: object.kind, name: object.name,
            namespace: object.namespace, labels: object.labels, annotations: object.annotations,
            isBeingDeleted: object.isBeingDeleted)
    }

    /// An object that was changed: `bytes` are its serialisation.
    package init(_ object: APIObject) {
        self.init(
            bytes: object.json.serialized(), apiVersion: object.apiVersion, kind: object.kind, name: object.name,
            namespace: object.namespace, labels: object.labels, annotations: object.annotations,
            isBeingDeleted: object.isBeingDeleted)
    }

    package func decoded() throws(JSONError) -> APIObject { try APIObject(parsing: bytes) }
}
