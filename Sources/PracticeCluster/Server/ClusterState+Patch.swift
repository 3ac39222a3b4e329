import HTTPTypes
import KubernetesModel

extension APIRequest {
    var isApply: Bool { method == .patch && contentType == "application/apply-patch+yaml" }
}

extension ClusterState {
    mutating func patch(
        _ request: APIRequest, _ kind: ServedKind, _ target: ResourceTarget, _ name: String
    ) throws(Refusal) -> Answer {
        guard kind.verbs.contains("patch"), target.subresource != "finalize" else { throw .methodNotAllowed }
        let version = target.groupVersion.version
        if request.isApply { return try apply(request, kind, target, name) }
        let accepted =
            ["application/json-patch+json", "application/merge-patch+json"]
            + (kind.isCustom ? [] : ["application/strategic-merge-patch+json"]) + ["application/apply-patch+yaml"]
        guard accepted.contains(request.contentType) else {
            // For built-in kinds another layer of the API server refuses, in other words.
            throw kind.isCustom ? .unsupportedMediaType(accepted) : .unsupportedMediaType
        }
        let key = ObjectKey(namespace: target.namespace ?? "", name: name)
        guard let old = entry(kind, key) else { throw .notFound(kind.resource, name) }
        var whole = object(old)
        whole["apiVersion"] = .string(kind.apiVersion(version))
        whole["kind"] = .string(kind.kind)
        var object = try patched(whole, request)
        try checkName(of: object, is: name, namespace: target.namespace)
        object["apiVersion"] = nil
        object["kind"] = nil
        if kind.isCustom, object["metadata", "resourceVersion"] == nil {
            object["metadata", "resourceVersion"] = .string(String(old.resourceVersion))
        }
        let entry = try replace(old, with: object, kind, target, request)
        return .json(code: 200, rendered(entry, kind, version))
    }

    private func patched(_ object: JSONValue, _ request: APIRequest) throws(Refusal) -> JSONValue {
        let patch: JSONValue
        do throws(JSONError) {
            patch = try JSONValue(parsing: request.body)
        } catch {
            throw .badRequest("error decoding patch: \(error)")
        }
        do throws(PatchError) {
            switch request.contentType {
            case "application/json-patch+json": return try JSONPatch(patch).applied(to: object)
            case "application/merge-patch+json":
                guard patch.object != nil else { throw PatchError(.malformed, "a merge patch is an object") }
                return MergePatch(patch).applied(to: object)
            default: return try StrategicMergePatch(patch).applied(to: object)
            }
        } catch {
            switch error.code {
            case .malformed: throw .badRequest(error.message)
            case .testFailed, .notFound, .unsupported, .tooLarge: throw .unprocessablePatch
            }
        }
    }

    // MARK: Server-side apply

    /// Source: Kubernetes documentation, "Server-Side Apply".
    private mutating func apply(
        _ request: APIRequest, _ kind: ServedKind, _ target: ResourceTarget, _ name: String
    ) throws(Refusal) -> Answer {
        guard let manager = request.query["fieldManager"], !manager.isEmpty else {
            throw .invalid(
                kind: "PatchOptions", group: "meta.k8s.io", name: "",
                [.required("fieldManager", "is required for apply patch")])
        }
        let sent = try decode(request.body, kind, target)
        try checkName(of: sent, is: name, namespace: target.namespace)
        guard (sent["metadata", "managedFields"] ?? .null).isNull else {
            throw .badRequest("metadata.managedFields must be nil")
        }
        let schema = MergeSchema.of(kind: kind.kind, in: kind.resource.group) ?? .plain
        let identity = FieldOwner(
            manager: manager, operation: "Apply", apiVersion: target.groupVersion.description,
            subresource: target.subresource)
        let key = ObjectKey(namespace: target.namespace ?? "", name: name)
        guard let old = entry(kind, key) else {
            guard target.subresource == nil else { throw .notFound(kind.resource, name) }
            var object = sent
            let fields = FieldSet(of: sent, schema: schema)
            object["metadata", "managedFields"] = ManagedFields([identity: fields]).json(now: now)
            let entry = try create(object, kind, target, request)
            return .json(code: 201, rendered(entry, kind, target.groupVersion.version))
        }
        let before = object(old)
        var owners = ManagedFields(before["metadata", "managedFields"])
        let force = ["true", "1"].contains(request.query["force"] ?? "")
        let (result, conflicts) = owners.apply(sent, to: before, by: identity, schema: schema, force: force)
        guard conflicts.isEmpty else { throw .applyConflict(conflicts) }
        var object = result
        object["metadata", "managedFields"] = owners.json(now: now, previous: before["metadata", "managedFields"])
        if sent["metadata", "resourceVersion"] == nil {
            object["metadata", "resourceVersion"] = .string(String(old.resourceVersion))
        }
        let entry = try replace(old, with: object, kind, target, request)
        return .json(code: 200, rendered(entry, kind, target.groupVersion.version))
    }

    /// Notes in `metadata.managedFields` who made the change, if the cluster is set to.
    func recordingUpdate(
        of object: JSONValue, from before: JSONValue?, _ request: APIRequest, _ target: ResourceTarget
    ) -> JSONValue {
        var object = object
        guard settings.recordsManagedFields else {
            // Somebody who sends none leaves those that an apply made.
            if before == nil { object["metadata", "managedFields"] = nil }
            return object
        }
        guard let kind = catalog.named(target.groupResource) else { return object }
        let schema = MergeSchema.of(kind: kind.kind, in: kind.resource.group) ?? .plain
        // What a writer sends of them counts, which is how they are put back. `merged` took the old ones if it sent none.
        let sent = before == nil ? nil : object["metadata", "managedFields"]
        var owners = ManagedFields(sent)
        owners.update(
            from: before, to: object,
            by: FieldOwner(
                manager: request.fieldManager, operation: "Update", apiVersion: target.groupVersion.description,
                subresource: target.subresource), schema: schema)
        if owners != ManagedFields(sent) {
            object["metadata", "managedFields"] = owners.json(now: now, previous: sent)
        }
        return object
    }
}

extension Refusal {
    static func applyConflict(_ conflicts: [(manager: String, field: String)]) -> Refusal {
        let count = conflicts.count == 1 ? "1 conflict" : "\(conflicts.count) conflicts"
        let list = conflicts.map { "conflict with \"\($0.manager)\": \($0.field)" }.joined(separator: "\n- ")
        return Refusal(
            APIStatus(
                code: 409, reason: "Conflict",
                message: "Apply failed with \(count)" + (conflicts.count == 1 ? ": " : ":\n- ") + list,
                causes: conflicts.map {
                    .init(
                        reason: "FieldManagerConflict", message: "conflict with \"\($0.manager)\"", field: $0.field)
                }))
    }
}
