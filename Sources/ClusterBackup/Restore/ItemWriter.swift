import KubernetesClient
import KubernetesModel
import VeleroAPI

/// Brings prepared objects into the cluster. Creates first and looks only if there is something already, because in a
/// restore there mostly is not. Safe to use from any task.
struct ItemWriter: Sendable {
    let client: APIClient
    let served: ServedKinds
    let policy: ExistingResourcePolicy
    let preserveNodePorts: Bool
    let options: RestoreOptions
    let clock: any Clock<Duration>
    /// Kinds whose definition came with this restore: the server may take a moment to serve them.
    var freshKinds: Set<GroupResource> = []

    private static let write = WriteOptions(fieldManager: "martlet")

    /// What the server said of an object that was to be created.
    private enum Arrival {
        case created(RawObject)
        case exists(RawObject)
    }

    /// Creates the object, or settles with the one that is there. Does not throw: what went wrong is in the result.
    func apply(_ item: PreparedItem, _ kind: ResourceKind) async -> ItemResult {
        var result = ItemResult(
            step: RestoreStep(.create, target: item.target, source: item.source), resourceKey: kind.listKey,
            errors: item.problems.map { "\(item.target): \($0)" })
        do throws(APIError) {
            switch try await arrive(item, kind) {
            case .created(let object):
                await finish(object, item, kind, &result)
                result.errors += item.duties.messages(of: item.target)
            case .exists(let object): try await settle(object, item, kind, &result)
            }
        } catch {
            result.fail(error)
        }
        return result
    }

    // MARK: Creating

    private func arrive(_ item: PreparedItem, _ kind: ResourceKind) async throws(APIError) -> Arrival {
        let body = item.object.json.serialized()
        // Twice at most: an object that was in the way and is gone by the time it is looked at.
        for attempt in 0...1 {
            do throws(APIError) {
                return .created(try await create(body, item, kind))
            } catch {
                guard ItemWriter.mayExist(error, kind) else { throw error }
                if let found = try await client.find(kind, item.target.name, in: item.target.namespace) {
                    if item.target.resource == Restored.persistentVolumes,
                        try await awaitRemoval(of: found, item, kind)
                    {
                        continue
                    }
                    return ItemWriter.isOurs(found, item, after: error) ? .created(found) : .exists(found)
                }
                if attempt > 0 || error.code != .alreadyExists { throw ItemWriter.explained(error, item) }
            }
        }
        return .created(try await create(body, item, kind))
    }

    private func create(_ body: [UInt8], _ item: PreparedItem, _ kind: ResourceKind) async throws(APIError) -> RawObject
    {
        guard freshKinds.contains(item.target.resource) else {
            return try await client.create(kind, in: item.target.namespace, body, options: ItemWriter.write)
        }
        var created: RawObject?
        var lastError: APIError?
        // A definition is in force a moment before every part of the server knows.
        _ = try await Waiting(clock: clock, timeout: .seconds(15)).until { () async throws(APIError) in
            do throws(APIError) {
                created = try await client.create(kind, in: item.target.namespace, body, options: ItemWriter.write)
                return true
            } catch {
                guard error.code == .unsupported || error.code == .notFound else { throw error }
                lastError = error
                return false
            }
        }
        if let created { return created }
        throw lastError ?? APIError(.unsupported, "create \(item.target): the server does not know the kind")
    }

    /// Whether the object may be there after its creation failed so: somebody has its name, its address or its port, or
    /// the answer was lost.
    private static func mayExist(_ error: APIError, _ kind: ResourceKind) -> Bool {
        switch error.code {
        case .alreadyExists: true
        case .invalid: kind.groupResource == Restored.services && isAllocated(error)
        case .unreachable, .timeout, .server: !error.wasNotSent
        default: false
        }
    }

    private static func isAllocated(_ error: APIError) -> Bool { error.message.contains("already allocated") }

    /// An object that carries this restore's label and was found after an answer got lost is the one that was sent.
    private static func isOurs(_ found: RawObject, _ item: PreparedItem, after error: APIError) -> Bool {
        error.code != .alreadyExists && error.code != .invalid
            && found.labels[VeleroName.restoreName] == item.object.labels[VeleroName.restoreName]
    }

    private static func explained(_ error: APIError, _ item: PreparedItem) -> APIError {
        guard isAllocated(error) else { return error }
        return APIError(
            error.code,
            "\(error.message); another Service of the cluster has that address or port: free it, or restore without "
                + "preserving node ports", status: error.status)
    }

    // MARK: After the create

    private func finish(
        _ created: RawObject, _ item: PreparedItem, _ kind: ResourceKind, _ result: inout ItemResult
    ) async {
        if let status = item.status { await put(status, on: created, item, kind, &result) }
        guard let managedFields = item.managedFields else { return }
        let patch: JSONValue = ["metadata": ["managedFields": managedFields]]
        do throws(APIError) {
            _ = try await client.patch(
                kind, item.target.name, in: item.target.namespace, .merge(patch.serialized()),
                options: ItemWriter.write)
        } catch {
            if error.code == .notFound {
                result.warnings.append("\(item.target) was gone before its managedFields were put back")
            } else {
                result.errors.append("\(item.target): managedFields were not put back: \(error.message)")
                result.stop = ItemWriter.stop(for: error)
            }
        }
    }

    private func put(
        _ status: JSONValue, on created: RawObject, _ item: PreparedItem, _ kind: ResourceKind,
        _ result: inout ItemResult
    ) async {
        guard kind.subresources.contains("status") else {
            result.warnings.append("\(item.target): its status was not restored, the kind has none of its own")
            return
        }
        do {
            var object = try created.decoded()
            // A controller that writes at the same time wins a few times at most.
            for attempt in 0..<5 {
                object.json["status"] = status
                do throws(APIError) {
                    _ = try await client.update(
                        kind, item.target.name, in: item.target.namespace, subresource: "status",
                        object.json.serialized(), options: ItemWriter.write)
                    return
                } catch {
                    guard error.code == .conflict, attempt < 4 else { throw error }
                }
                object = try await client.get(kind, item.target.name, in: item.target.namespace).decoded()
            }
        } catch {
            result.warnings.append("\(item.target): its status was not restored: \(error)")
        }
    }

    // MARK: What is there already

    private func settle(
        _ found: RawObject, _ item: PreparedItem, _ kind: ResourceKind, _ result: inout ItemResult
    ) async throws(APIError) {
        let decision = try decide(found, item)
        result.step = step(for: decision, item)
        switch decision {
        case .same(let relabel):
            if let relabel { await patch(relabel, item, kind, &result) }
        case .differs(let changes):
            if !ExistingObject.isClustersOwn(item.object, item.target.resource) {
                result.warnings.append(ItemWriter.keptMessage(item, changes.count))
            }
        case .extend(let patch, _): await self.patch(patch, item, kind, &result)
        case .update(let patch, let relabel, _):
            await self.patch(patch, item, kind, &result)
            if result.step.verb == .keep { await self.patch(relabel, item, kind, &result) }
        }
    }

    private func patch(
        _ patch: MergePatch, _ item: PreparedItem, _ kind: ResourceKind, _ result: inout ItemResult
    ) async {
        guard !patch.isEmpty else { return }
        do throws(APIError) {
            _ = try await client.patch(
                kind, item.target.name, in: item.target.namespace, .merge(patch.json.serialized()),
                options: ItemWriter.write)
        } catch {
            result.warnings.append("\(item.target) could not be updated: \(error.message)")
            if result.step.verb == .update {
                result.step = RestoreStep(
                    .keep, target: item.target, source: item.source, reason: "the server refused the update")
            }
            result.stop = ItemWriter.stop(for: error)
        }
    }

    /// What is to be done with an object that is in the cluster.
    private func decide(_ found: RawObject, _ item: PreparedItem) throws(APIError) -> ExistingDecision {
        let object: APIObject
        do {
            object = try found.decoded()
        } catch {
            throw APIError(.malformed, "get \(item.target): the answer is no object", cause: error)
        }
        let normalized = ItemPreparation.normalized(
            object, like: item.object, resource: item.target.resource, preserveNodePorts: preserveNodePorts)
        return ExistingObject.decide(
            prepared: item.object, found: normalized, resource: item.target.resource, policy: policy)
    }

    private func step(for decision: ExistingDecision, _ item: PreparedItem) -> RestoreStep {
        func step(_ verb: RestoreStep.Verb, _ reason: String?, _ changes: [FieldDifference] = []) -> RestoreStep {
            RestoreStep(verb, target: item.target, source: item.source, reason: reason, changes: changes)
        }
        switch decision {
        case .same: return step(.leave, "the cluster has the same")
        case .differs(let changes):
            return ExistingObject.isClustersOwn(item.object, item.target.resource)
                ? step(.leave, "every cluster publishes its own")
                : step(.keep, "the cluster has another, which stays", changes)
        case .extend(_, let changes): return step(.update, "what it lacks is added", changes)
        case .update(_, _, let changes): return step(.update, nil, changes)
        }
    }

    private static func keptMessage(_ item: PreparedItem, _ changes: Int) -> String {
        "could not restore, \(item.object.kind):\(item.target.name) already exists. Warning: the in-cluster version is "
            + "different than the backed-up version (\(changes) field\(changes == 1 ? "" : "s")); it was left as it is"
    }

    // MARK: Planning

    /// What `apply` would do, found out by reading alone.
    ///
    /// - Parameter mayExist: false if the namespace or the kind is not there yet; nothing is then asked.
    func plan(_ item: PreparedItem, _ kind: ResourceKind, mayExist: Bool) async -> ItemResult {
        var result = ItemResult(
            step: RestoreStep(.create, target: item.target, source: item.source), resourceKey: kind.listKey,
            errors: item.problems.map { "\(item.target): \($0)" })
        do throws(APIError) {
            if mayExist, let found = try await client.find(kind, item.target.name, in: item.target.namespace) {
                if item.target.resource == Restored.persistentVolumes, let obstacle = try await obstacle(found) {
                    result.step.reason = "after the one in the cluster is gone: \(obstacle)"
                    return result
                }
                let decision = try decide(found, item)
                result.step = step(for: decision, item)
                if case .differs(let changes) = decision, result.step.verb == .keep {
                    result.warnings.append(ItemWriter.keptMessage(item, changes.count))
                }
            } else {
                result.errors += item.duties.messages(of: item.target)
            }
        } catch {
            result.fail(error)
        }
        return result
    }

    // MARK: Volumes

    /// Waits until a volume that cannot stay is gone.
    ///
    /// - Returns: whether there was one; the place is then free.
    private func awaitRemoval(
        of found: RawObject, _ item: PreparedItem, _ kind: ResourceKind
    ) async throws(APIError) -> Bool {
        guard var reason = try await obstacle(found) else { return false }
        let isGone = try await Waiting(clock: clock, timeout: options.terminatingTimeout).until {
            () async throws(APIError) in
            guard let now = try await client.find(kind, item.target.name) else { return true }
            guard let obstacle = try await obstacle(now) else { return true }
            reason = obstacle
            return false
        }
        guard isGone else {
            throw APIError(
                .timeout,
                "\(item.target) is in the cluster and cannot be used: \(reason); delete it and run the restore again")
        }
        return true
    }

    private func obstacle(_ found: RawObject) async throws(APIError) -> String? {
        guard let volume = try? found.decoded() else { return nil }  // The server's own JSON was read once already.
        return VolumeObstacle.find(
            volume, claimOrNamespaceIsTerminating: try await claimIsTerminating(of: volume))
    }

    private func claimIsTerminating(of volume: APIObject) async throws(APIError) -> Bool {
        guard let namespace = volume.json["spec", "claimRef", "namespace"]?.string,
            let name = volume.json["spec", "claimRef", "name"]?.string,
            let claims = served.kind(Restored.persistentVolumeClaims), let namespaces = served.kind(Restored.namespaces)
        else { return false }
        if try await client.find(claims, name, in: namespace)?.isBeingDeleted == true { return true }
        return try await client.find(namespaces, namespace)?.isBeingDeleted == true
    }

    /// Whether an error ends the restore: without a server or credentials every further object fails the same way.
    static func stop(for error: APIError) -> RestoreOutcome.Stop? {
        switch error.code {
        case .cancelled: .cancelled
        case .unreachable, .unauthorized, .configuration: .server(error)
        default: nil
        }
    }
}

extension ItemResult {
    mutating func fail(_ error: APIError) {
        step = RestoreStep(.fail, target: step.target, source: step.source, reason: error.message)
        errors.append("\(step.target) was not restored: \(error.message)")
        stop = ItemWriter.stop(for: error)
    }
}

extension PodDuties {
    /// What is left to do by hand, as errors: a pod without its data is not restored.
    func messages(of pod: ObjectReference) -> [String] {
        volumes.map {
            "volume \($0) of pod \(pod.namespace ?? "")/\(pod.name) was not restored: this version restores objects "
                + "only; the data is in the backup's restic repository, put it back with restic or by hand"
        }
            + execHooks.map {
                "the restore hook of pod \(pod.namespace ?? "")/\(pod.name) was not run in container \($0): this "
                    + "version restores objects only; run its command by hand"
            }
    }
}

extension ResourceKind {
    /// As resource lists name a kind: `v1/Pod`, `apps/v1/Deployment`.
    var listKey: String { ResourceList.key(groupVersion, kind: kind) }
}
