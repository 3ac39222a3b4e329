import Basics
import KubernetesModel

extension ClusterState {
    mutating func create(_ request: APIRequest, _ kind: ServedKind, _ target: ResourceTarget) throws(Refusal) -> Answer
    {
        guard kind.verbs.contains("create"), !kind.isNamespaced || target.namespace != nil else {
            throw .methodNotAllowed
        }
        let object = try decode(request.body, kind, target)
        let entry = try create(object, kind, target, request)
        return .json(code: 201, rendered(entry, kind, target.groupVersion.version))
    }

    /// Creates `object`, which the client sent, in the order of the API server: admission, name, defaults, validation,
    /// allocation, storage.
    mutating func create(
        _ sent: JSONValue, _ kind: ServedKind, _ target: ResourceTarget, _ request: APIRequest
    ) throws(Refusal) -> StoredEntry {
        var object = sent
        guard object["metadata", "resourceVersion"]?.string ?? "" == "" else {
            throw .plain(500, "resourceVersion should not be set on objects to be created")
        }
        if kind.isNamespaced { object["metadata", "namespace"] = target.namespace.map { .string($0) } }
        if object["metadata", "name"]?.string ?? "" == "", let prefix = object["metadata", "generateName"]?.string,
            !prefix.isEmpty
        {
            object["metadata", "name"] = .string(prefix.prefix(58) + makeSuffix())
        }
        let name = object["metadata", "name"]?.string ?? ""
        stampNew(&object, kind: kind)
        try admit(&object, kind, namespace: target.namespace, name: name)
        Defaults.prepareNew(&object, kind: kind, version: target.groupVersion.version)
        let problems = Validation.problems(of: object, kind: kind, version: target.groupVersion.version)
        guard problems.isEmpty else {
            throw .invalid(kind: kind.kind, group: kind.resource.group, name: name, problems)
        }
        let key = ClusterState.key(of: object)
        let isDryRun = request.query["dryRun"] == "All"
        var allocations = allocations
        if kind.storage == GroupResource("services") {
            try allocations.allocate(&object, for: key, kind: kind, using: &random)
        }
        guard entry(kind, key) == nil else { throw .alreadyExists(kind.resource, name) }
        if !request.isApply { object = recordingUpdate(of: object, from: nil, request, target) }
        if isDryRun { return transient(object) }
        self.allocations = allocations
        return store(object, kind: kind, old: nil)
    }

    /// An entry that is only shown, not kept: the result of a dry run.
    func transient(_ object: JSONValue) -> StoredEntry {
        var object = object
        object["apiVersion"] = nil
        object["kind"] = nil
        return StoredEntry(bytes: object.serialized(), labels: [:], resourceVersion: version, uid: "")
    }

    /// The object in a request's body: of the kind and version of the URL, in its namespace.
    func decode(_ body: [UInt8], _ kind: ServedKind, _ target: ResourceTarget) throws(Refusal) -> JSONValue {
        var object: JSONValue
        do throws(JSONError) {
            object = try JSONValue(parsing: body)
        } catch {
            throw .badRequest(
                "the object provided is unrecognized (must be of type \(kind.kind)): couldn't get version/kind; json "
                    + "parse error: \(error)")
        }
        guard object.object != nil else {
            throw .badRequest("the object provided is unrecognized (must be of type \(kind.kind))")
        }
        try checkKind(of: object, kind, target)
        if object["metadata"]?.object == nil { object["metadata"] = [:] }
        if let namespace = object["metadata", "namespace"]?.string, !namespace.isEmpty, namespace != target.namespace,
            kind.isNamespaced
        {
            throw .badRequest(
                "the namespace of the provided object does not match the namespace sent on the request")
        }
        if kind.storage == GroupResource("secrets"),
            (object["data"]?.object ?? [:]).values.contains(where: { Base64.decode($0.string ?? "") == nil })
        {
            throw .badRequest(
                "Secret in version \"v1\" cannot be handled as a Secret: v1.Secret.Data: decode base64: illegal base64 "
                    + "data")
        }
        object["apiVersion"] = nil
        object["kind"] = nil
        return object
    }

    private func checkKind(of object: JSONValue, _ kind: ServedKind, _ target: ResourceTarget) throws(Refusal) {
        let apiVersion = object["apiVersion"]?.string ?? ""
        let sentKind = object["kind"]?.string ?? ""
        if kind.isCustom, sentKind.isEmpty {
            throw .badRequest(
                "\(kind.kind) in version \"\(target.groupVersion.version)\" cannot be handled as a \(kind.kind): "
                    + "unmarshalerDecoder: Object 'Kind' is missing")
        }
        if !sentKind.isEmpty, sentKind != kind.kind {
            throw .badRequest(
                "\(sentKind) in version \"\(GroupVersion(apiVersion: apiVersion).version)\" cannot be handled as a "
                    + "\(kind.kind): converting to \(kind.kind): unknown conversion")
        }
        if !apiVersion.isEmpty, apiVersion != target.groupVersion.description {
            throw .badRequest(
                "the API version in the data (\(apiVersion)) does not match the expected API version "
                    + "(\(target.groupVersion))")
        }
    }

    /// What has to be true of the rest of the cluster, and what the cluster adds of its own.
    private func admit(_ object: inout JSONValue, _ kind: ServedKind, namespace: String?, name: String) throws(Refusal)
    {
        if let namespace {
            guard let holder = self.object(GroupResource("namespaces"), ObjectKey(namespace: "", name: namespace))
            else {
                throw .notFound(GroupResource("namespaces"), namespace)
            }
            if !(holder["metadata", "deletionTimestamp"] ?? .null).isNull {
                throw .forbidden(
                    kind.resource, name,
                    "unable to create new content in namespace \(namespace) because it is being terminated",
                    causes: [
                        .init(
                            reason: "NamespaceTerminating", message: "namespace \(namespace) is being terminated",
                            field: "metadata.namespace")
                    ])
            }
        }
        if kind.storage == GroupResource("namespaces"), settings.version.labelsNamespaces {
            object["metadata", "labels", "kubernetes.io/metadata.name"] = .string(name)
        }
        if kind.storage == GroupResource("pods"), let namespace {
            try admitPod(&object, namespace: namespace, name: name)
        }
    }
}
