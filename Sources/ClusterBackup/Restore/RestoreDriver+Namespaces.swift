import KubernetesClient
import KubernetesModel

extension RestoreDriver {
    /// Sees to it that the namespace of an object is there, once for each. Reference: section 10.3.
    ///
    /// - Returns: whether objects may be in it already; nil if it cannot be had, and the object was recorded as failed.
    func ensureNamespace(of item: PreparedItem) async -> Bool? {
        guard let target = item.target.namespace, let original = item.source.namespace else { return true }
        if namespaces[target] == nil {
            do throws(APIError) {
                namespaces[target] = try await makeNamespace(target, from: original)
            } catch {
                let place = ObjectReference(resource: Restored.namespaces, namespace: nil, name: target)
                var result = ItemResult(step: RestoreStep(.fail, target: place))
                result.fail(error)
                record(result)
                namespaces[target] = .failed(error.message)
            }
        }
        switch namespaces[target] {
        case .present, .made: return true
        case .planned: return false
        case .failed(let reason):
            // The namespace itself is among the errors; one more for each object in it would hide the others.
            let step = RestoreStep(.fail, target: item.target, source: item.source, reason: "no namespace: \(reason)")
            record(ItemResult(step: step))
            return nil
        case nil: return nil
        }
    }

    private func makeNamespace(_ target: String, from original: String) async throws(APIError) -> NamespaceState {
        guard let kind = served.kind(Restored.namespaces) else {
            throw APIError(.unsupported, "the server does not serve namespaces")
        }
        let found = try await client.find(kind, target)
        if let found, !found.isBeingDeleted { return .present }
        let place = ObjectReference(resource: Restored.namespaces, namespace: nil, name: target)
        let source = ObjectReference(resource: Restored.namespaces, namespace: nil, name: original)
        var step = RestoreStep(.create, target: place, source: source)
        if found != nil {
            if options.isDryRun {
                step.reason = "after the one in the cluster, which is being deleted, is gone"
            } else {
                observe(.note("waiting for namespace \(target) to go: it is being deleted"))
                try await awaitEnd(of: target, kind)
            }
        }
        if options.isDryRun {
            record(ItemResult(step: step, resourceKey: kind.listKey))
            return .planned
        }
        do throws(APIError) {
            _ = try await client.create(
                kind, namespaceObject(target, from: source).json.serialized(),
                options: WriteOptions(fieldManager: "martlet"))
        } catch {
            guard error.code == .alreadyExists else { throw error }
            return .present
        }
        record(ItemResult(step: step, resourceKey: kind.listKey))
        return .made
    }

    private func awaitEnd(of namespace: String, _ kind: ResourceKind) async throws(APIError) {
        let isGone = try await Waiting(clock: clock, timeout: options.terminatingTimeout).until {
            () async throws(APIError) in
            try await client.find(kind, namespace) == nil
        }
        guard isGone else {
            throw APIError(
                .timeout,
                "namespace \(namespace) is being deleted and did not go in \(options.terminatingTimeout); look at its "
                    + "status.conditions, and run the restore again when it is gone")
        }
    }

    /// As it was saved: labels, annotations, spec. A bare one if the archive has none.
    private func namespaceObject(_ target: String, from source: ObjectReference) -> APIObject {
        var namespace = APIObject(["apiVersion": "v1", "kind": "Namespace", "metadata": ["name": .string(target)]])
        guard let item = archive.index.item(source), let bytes = try? archive.bytes(of: item),
            // What cannot be read as a Namespace is left out: the objects in it matter more.
            let stored = try? ItemCheck.decode(bytes, at: source), stored.kind == "Namespace"
        else { return namespace }
        namespace.labels = stored.labels
        namespace.annotations = stored.annotations
        namespace.json["spec"] = stored.json["spec"]
        let ownName = "kubernetes.io/metadata.name"
        if namespace.labels[ownName] != nil { namespace.labels[ownName] = target }
        return namespace
    }
}
