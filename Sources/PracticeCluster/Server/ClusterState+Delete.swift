import Basics
import KubernetesModel

/// What a delete asks for beside the name.
struct DeletionRequest {
    enum Propagation: String {
        case background = "Background"
        case foreground = "Foreground"
        case orphan = "Orphan"
    }

    var propagation: Propagation?
    var uid: String?
    var resourceVersion: String?
    var isDryRun: Bool

    init(_ request: APIRequest) throws(Refusal) {
        isDryRun = request.query["dryRun"] == "All"
        propagation = request.query["propagationPolicy"].flatMap(Propagation.init)
        guard !request.body.isEmpty else { return }
        let options: JSONValue
        do throws(JSONError) {
            options = try JSONValue(parsing: request.body)
        } catch {
            throw .badRequest("couldn't get version/kind; json parse error: \(error)")
        }
        if let text = options["propagationPolicy"]?.string {
            guard let policy = Propagation(rawValue: text) else {
                throw .invalid(
                    kind: "DeleteOptions", group: "meta.k8s.io", name: "",
                    [
                        .unsupported(
                            "propagationPolicy", "\"\(text)\"",
                            supported: ["Foreground", "Background", "Orphan", "nil"])
                    ])
            }
            propagation = policy
        }
        uid = options["preconditions", "uid"]?.string
        resourceVersion = options["preconditions", "resourceVersion"]?.string
        isDryRun = isDryRun || options["dryRun"]?.array?.contains("All") ?? false
    }
}

extension ClusterState {
    mutating func delete(
        _ request: APIRequest, _ kind: ServedKind, _ target: ResourceTarget, _ name: String
    ) throws(Refusal) -> Answer {
        guard kind.verbs.contains("delete"), target.subresource == nil else { throw .methodNotAllowed }
        let options = try DeletionRequest(request)
        let key = ObjectKey(namespace: target.namespace ?? "", name: name)
        guard let old = entry(kind, key) else { throw .notFound(kind.resource, name) }
        try checkPreconditions(options, old, kind, name)
        if kind.storage == GroupResource("namespaces"), ["default", "kube-public", "kube-system"].contains(name) {
            throw .forbidden(kind.resource, name, "this namespace may not be deleted")
        }
        if options.isDryRun { return success(old, kind, name) }
        guard let remaining = markDeleted(kind, key, propagation: options.propagation) else {
            if kind.storage == GroupResource("pods") {
                // A pod is deleted with grace, of which one that runs nowhere needs none.
                var object = object(old)
                object["metadata", "deletionTimestamp"] = .string(now.wholeSeconds.description)
                object["metadata", "deletionGracePeriodSeconds"] = 0
                return .json(code: 200, rendered(transient(object), kind, target.groupVersion.version))
            }
            if ClusterState.answersWithObject.contains(kind.storage.description) {
                return .json(code: 200, rendered(old, kind, target.groupVersion.version))
            }
            return success(old, kind, name)
        }
        return .json(code: 200, rendered(remaining, kind, target.groupVersion.version))
    }

    mutating func deleteCollection(_ request: APIRequest, _ kind: ServedKind, _ target: ResourceTarget) throws(Refusal)
        -> Answer
    {
        let options = try DeletionRequest(request)
        let selection = try Selection(request, kind: kind)
        var keys: [ObjectKey] = []
        if let view = TableView(&tables[kind.storage, default: ObjectTable()], at: version) {
            view.forEach(in: target.namespace, from: nil, of: tables[kind.storage, default: ObjectTable()]) {
                if selection.matches($0, $1) { keys.append($0) }
                return true
            }
        }
        var items: [JSONValue] = []
        for key in keys {
            guard let old = entry(kind, key) else { continue }
            items.append(object(old))
            if !options.isDryRun { markDeleted(kind, key, propagation: options.propagation) }
        }
        return .object([
            "kind": .string(kind.listKind), "apiVersion": .string(kind.apiVersion(target.groupVersion.version)),
            "metadata": ["resourceVersion": .string(String(version))], "items": .array(items),
        ])
    }

    /// Deletes an object, or marks it if something holds it. Nil if it is gone.
    @discardableResult
    mutating func markDeleted(
        _ kind: ServedKind, _ key: ObjectKey, propagation: DeletionRequest.Propagation? = nil
    ) -> StoredEntry? {
        guard let old = entry(kind, key) else { return nil }
        var object = object(old)
        var finalizers = object["metadata", "finalizers"]?.array ?? []
        switch propagation {
        case .foreground?:
            if !finalizers.contains("foregroundDeletion") { finalizers.append("foregroundDeletion") }
        case .orphan?: if !finalizers.contains("orphan") { finalizers.append("orphan") }
        case .background?, nil: break
        }
        if kind.storage == ClusterState.definitions, !finalizers.contains(.string(ClusterState.definitionFinalizer)) {
            finalizers.append(.string(ClusterState.definitionFinalizer))
        }
        if !finalizers.isEmpty { object["metadata", "finalizers"] = .array(finalizers) }
        let isHeld = !finalizers.isEmpty || kind.storage == GroupResource("namespaces")
        guard isHeld else {
            remove(kind, key)
            return nil
        }
        if (object["metadata", "deletionTimestamp"] ?? .null).isNull {
            object["metadata", "deletionTimestamp"] = .string(now.wholeSeconds.description)
            if kind.storage == GroupResource("namespaces") {
                object["status", "phase"] = "Terminating"
            } else if kind.storage != ClusterState.definitions {
                object["metadata", "deletionGracePeriodSeconds"] = 0
            } else {
                var conditions = object["status", "conditions"]?.array ?? []
                conditions.append([
                    "type": "Terminating", "status": "True",
                    "lastTransitionTime": .string(now.wholeSeconds.description), "reason": "InstanceDeletionPending",
                    "message":
                        "CustomResourceDefinition marked for deletion; CustomResource deletion will begin soon",
                ])
                object["status", "conditions"] = .array(conditions)
            }
            if Defaults.hasGeneration(kind), let generation = object["metadata", "generation"]?.int64,
                kind.storage != ClusterState.definitions
            {
                object["metadata", "generation"] = .number(JSONNumber(generation + 1))
            }
        }
        if object == self.object(old) { return old }
        return store(object, kind: kind, old: old)
    }

    private func checkPreconditions(
        _ options: DeletionRequest, _ old: StoredEntry, _ kind: ServedKind, _ name: String
    ) throws(Refusal) {
        let subject = GroupResource(group: kind.resource.group, resource: kind.kind)
        if let uid = options.uid, uid != old.uid {
            throw .conflict(
                subject, name,
                "the UID in the precondition (\(uid)) does not match the UID in record (\(old.uid)). The object might "
                    + "have been deleted and then recreated")
        }
        if let asked = options.resourceVersion, asked != String(old.resourceVersion) {
            throw .conflict(
                subject, name,
                "the ResourceVersion in the precondition (\(asked)) does not match the ResourceVersion in record "
                    + "(\(old.resourceVersion)). The object might have been modified")
        }
    }

    private func success(_ old: StoredEntry, _ kind: ServedKind, _ name: String) -> Answer {
        var status = APIStatus(code: 0, reason: "", message: "", isSuccess: true)
        status.name = name
        status.group = kind.resource.group
        status.kind = kind.resource.resource
        status.uid = old.uid
        return .object(status.json)
    }

    /// Most deletes answer with a `Status`; those of these kinds with the object.
    private static let answersWithObject: Set<String> = [
        "podtemplates", "persistentvolumeclaims", "persistentvolumes", "resourcequotas", "serviceaccounts",
        "podsecuritypolicies.policy", "storageclasses.storage.k8s.io",
    ]
}
