package import KubernetesModel

/// An object of the group velero.io: its spec and status as values, everything else as it was read.
///
/// None of these kinds has a status subresource: spec and status are written together. Source: Velero 1.18 CRDs.
package protocol VeleroObject: Sendable, Hashable {
    associatedtype Spec: FieldCoded
    associatedtype Status: FieldCoded

    static var kind: String { get }
    /// Lower-case plural.
    static var plural: String { get }

    /// What was read, with metadata that may have been changed since. Its `spec` and `status` are those of the reading;
    /// `json` has the present ones.
    var object: APIObject { get set }
    var spec: Spec { get set }
    var status: Status { get set }

    init(object: APIObject, spec: Spec, status: Status)
}

extension VeleroObject {
    package static var apiVersion: String { "velero.io/v1" }

    /// For requests to a server that has the CRDs.
    package static var resourceKind: ResourceKind {
        ResourceKind(
            groupVersion: GroupVersion(apiVersion: apiVersion), resource: plural, kind: kind, isNamespaced: true)
    }

    /// A new object.
    package init(name: String, namespace: String, spec: Spec = Spec()) {
        let json: JSONValue = [
            "apiVersion": .string(Self.apiVersion), "kind": .string(Self.kind),
            "metadata": ["name": .string(name), "namespace": .string(namespace)],
        ]
        self.init(object: APIObject(json), spec: spec, status: Status())
    }

    /// - Throws: `.wrongKind` for another kind or group version, `.malformed` for fields of the wrong type.
    package init(_ object: APIObject) throws(VeleroAPIError) {
        guard object.apiVersion == Self.apiVersion, object.kind == Self.kind else {
            let found = object.kind.isEmpty ? "no kind" : "\(object.apiVersion) \(object.kind)"
            throw VeleroAPIError(.wrongKind, "expected \(Self.apiVersion) \(Self.kind), found \(found)")
        }
        try self.init(element: object)
    }

    /// An element of a list, where `apiVersion` and `kind` may be missing.
    package init(element object: APIObject) throws(VeleroAPIError) {
        guard !object.name.isEmpty else { throw VeleroAPIError(.malformed, "metadata.name: missing") }
        self.init(
            object: object, spec: try Spec(decoding: object.json["spec"], at: "spec"),
            status: try Status(decoding: object.json["status"], at: "status"))
    }

    package init(parsing bytes: some Sequence<UInt8>) throws(VeleroAPIError) {
        let object: APIObject
        do throws(JSONError) {
            object = try APIObject(parsing: bytes)
        } catch {
            throw VeleroAPIError(.malformed, "no \(Self.kind) object", cause: error)
        }
        try self.init(object)
    }

    /// The whole object with the present spec and status; fields that nobody here knows are as they were read.
    package var json: JSONValue {
        var json = object.json
        json["spec"] = spec.encoded(over: object.json["spec"])
        let written = status.encoded(over: object.json["status"])
        if object.json["status"] != nil || written != .object([:]) { json["status"] = written }
        return json
    }

    package var name: String { object.name }
    package var namespace: String { object.namespace ?? "" }

    package var labels: [String: String] {
        get { object.labels }
        set { object.labels = newValue }
    }

    package var annotations: [String: String] {
        get { object.annotations }
        set { object.annotations = newValue }
    }
}
