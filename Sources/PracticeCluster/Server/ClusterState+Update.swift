import KubernetesModel

extension ClusterState {
    mutating func update(
        _ request: APIRequest, _ kind: ServedKind, _ target: ResourceTarget, _ name: String
    ) throws(Refusal) -> Answer {
        guard kind.verbs.contains("update") else { throw .methodNotAllowed }
        let object = try decode(request.body, kind, target)
        try checkName(of: object, is: name, namespace: target.namespace)
        let key = ObjectKey(namespace: target.namespace ?? "", name: name)
        guard let old = entry(kind, key) else { throw .notFound(kind.resource, name) }
        let entry = try replace(old, with: object, kind, target, request)
        return .json(code: 200, rendered(entry, kind, target.groupVersion.version))
    }

    func checkName(of object: JSONValue, is name: String, namespace: String?) throws(Refusal) {
        let sent = object["metadata", "name"]?.string ?? ""
        guard !sent.isEmpty else {
            throw .badRequest("the name of the object (\(name) based on URL) was undeterminable: name must be provided")
        }
        guard sent == name else {
            throw .badRequest("the name of the object (\(sent)) does not match the name on the URL (\(name))")
        }
        if let sent = object["metadata", "namespace"]?.string, !sent.isEmpty, let namespace, sent != namespace {
            throw .badRequest(
                "the namespace of the object (\(sent)) does not match the namespace on the request (\(namespace))")
        }
    }

    /// Puts `sent` in the place of `old`, as far as the subresource of `target` lets it.
    mutating func replace(
        _ old: StoredEntry, with sent: JSONValue, _ kind: ServedKind, _ target: ResourceTarget, _ request: APIRequest
    ) throws(Refusal) -> StoredEntry {
        let before = object(old)
        let key = ClusterState.key(of: before)
        try checkVersion(of: sent, old, kind, key)
        var object = merged(sent, before, kind, target)
        if target.subresource == nil || target.subresource == "finalize" {
            if target.subresource == nil {
                Defaults.prepareUpdate(&object, from: before, kind: kind, version: target.groupVersion.version)
            }
            var problems = Validation.problems(of: object, kind: kind, version: target.groupVersion.version)
            problems += Validation.problems(changing: before, to: object, kind: kind)
            guard problems.isEmpty else {
                throw .invalid(kind: kind.kind, group: kind.resource.group, name: key.name, problems)
            }
        }
        var allocations = allocations
        if kind.storage == GroupResource("services"), target.subresource == nil {
            allocations.release(key)
            try allocations.allocate(&object, for: key, kind: kind, using: &random)
        }
        setGeneration(&object, before, kind, target)
        if !request.isApply { object = recordingUpdate(of: object, from: before, request, target) }
        object["metadata", "resourceVersion"] = before["metadata", "resourceVersion"]
        let isDryRun = request.query["dryRun"] == "All"
        if isDryRun || object == before { return object == before ? old : transient(object) }
        self.allocations = allocations
        if isFinished(object, kind) {
            remove(kind, key)
            return transient(object)
        }
        return store(object, kind: kind, old: old)
    }

    private func checkVersion(
        of sent: JSONValue, _ old: StoredEntry, _ kind: ServedKind, _ key: ObjectKey
    ) throws(Refusal) {
        let asked = sent["metadata", "resourceVersion"]?.string ?? ""
        if asked.isEmpty, kind.isCustom {
            let problem = FieldProblem.invalid("metadata.resourceVersion", "0x0", "must be specified for an update")
            // The one refusal of an invalid object that names the resource, not the kind.
            throw .invalid(kind: kind.resource.resource, group: kind.resource.group, name: key.name, [problem])
        }
        if !asked.isEmpty, asked != String(old.resourceVersion) { throw .conflict(kind.resource, key.name) }
        if let uid = sent["metadata", "uid"]?.string, !uid.isEmpty, uid != old.uid {
            throw .conflict(
                kind.resource, key.name,
                "Precondition failed: UID in precondition: \(uid), UID in object meta: \(old.uid)")
        }
    }

    /// `sent` with what a client cannot change taken from `before`.
    private func merged(
        _ sent: JSONValue, _ before: JSONValue, _ kind: ServedKind, _ target: ResourceTarget
    ) -> JSONValue {
        var object: JSONValue
        let hasStatus = kind.hasStatus(in: target.groupVersion.version)
        switch target.subresource {
        case "status":
            object = before
            object["status"] = sent["status"]
            if !kind.isCustom {
                object["metadata", "labels"] = sent["metadata", "labels"] ?? before["metadata", "labels"]
                object["metadata", "annotations"] = sent["metadata", "annotations"] ?? before["metadata", "annotations"]
            }
        case "finalize":
            object = before
            object["spec", "finalizers"] = sent["spec", "finalizers"] ?? []
        case "approval":
            object = before
            object["status", "conditions"] = sent["status", "conditions"]
        default:
            object = sent
            if hasStatus { object["status"] = before["status"] }
        }
        for field in [
            "uid", "creationTimestamp", "deletionTimestamp", "deletionGracePeriodSeconds", "generation", "namespace",
            "name", "selfLink",
        ] {
            object["metadata", field] = before["metadata", field]
        }
        if target.subresource != nil || object["metadata", "managedFields"] == nil {
            object["metadata", "managedFields"] = before["metadata", "managedFields"]
        }
        return object
    }

    private func setGeneration(
        _ object: inout JSONValue, _ before: JSONValue, _ kind: ServedKind, _ target: ResourceTarget
    ) {
        guard Defaults.hasGeneration(kind), target.subresource == nil else { return }
        var (left, right) = (before, object)
        for field in ["metadata", "status"] where field == "metadata" || kind.hasStatus(in: target.groupVersion.version)
        {
            left[field] = nil
            right[field] = nil
        }
        guard left != right else { return }
        let generation = before["metadata", "generation"]?.int64 ?? 0
        object["metadata", "generation"] = .number(JSONNumber(generation + 1))
    }

    /// Whether nothing holds an object any more that somebody deleted.
    func isFinished(_ object: JSONValue, _ kind: ServedKind) -> Bool {
        guard !(object["metadata", "deletionTimestamp"] ?? .null).isNull,
            (object["metadata", "finalizers"]?.array ?? []).isEmpty
        else { return false }
        return kind.storage != GroupResource("namespaces") || (object["spec", "finalizers"]?.array ?? []).isEmpty
    }
}
