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
    /// Makes the work on volumes that restored pods wait for; nil if nobody fills volumes.
    var volumes: VolumeRestorePlan?

    static let write = WriteOptions(fieldManager: "martlet")

    /// What the server said of an object that was to be created.
    private enum Arrival {
        case created(RawObject)
        case exists(RawObject)
    }

    /// Creates the object, or settles with the one that is there. Does not throw: what went wrong is in the result.
    ///
    /// - Parameter comesByItself: the cluster is about to make the object; see `awaitOwn`.
    func apply(_ item: PreparedItem, _ kind: ResourceKind, comesByItself: Bool) async -> ItemResult {
        var result = ItemResult(
            step: RestoreStep(.create, target: item.target, source: item.source), resourceKey: kind.listKey,
            errors: item.problems.map { "\(item.target): \($0)" })
        do throws(APIError) {
            if comesByItself, let own = try await awaitOwn(item, kind) {
                try await settle(own, item, kind, &result)
                if result.step.verb == .leave { result.step = ItemWriter.givenStep(item) }
                return result
            }
            switch try await arrive(item, kind) {
            case .created(let object):
                await finish(object, item, kind, &result)
                result.errors += item.duties.messages(of: item.target, fillsVolumes: volumes != nil)
                result.volumes = volumes?.restores(item, into: object) ?? []
            case .exists(let object):
                try await settle(object, item, kind, &result)
                result.volumes = volumes?.restores(item, waitingIn: object) ?? []
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
        let write = WriteOptions(fieldManager: item.creator)
        guard freshKinds.contains(item.target.resource) else {
            return try await client.create(kind, in: item.target.namespace, body, options: write)
        }
        var created: RawObject?
        var lastError: APIError?
        // A definition is in force a moment before every part of the server knows.
        _ = try await Waiting(clock: clock, timeout: .seconds(15)).until { () async throws(APIError) in
            do throws(APIError) {
                created = try await client.create(kind, in: item.target.namespace, body, options: write)
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
        guard let managedFields = item.managedFields, !ItemWriter.hasOwners(created, managedFields) else { return }
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

    /// Whether the server wrote down the saved owners by itself.
    private static func hasOwners(_ created: RawObject, _ managedFields: JSONValue) -> Bool {
        let own = (try? created.decoded())?.json["metadata", "managedFields"]  // What cannot be read is written anew.
        return FieldOwnership.comparable(own) == FieldOwnership.comparable(managedFields)
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

    // MARK: What comes by itself

    /// Waits a little for the object that a controller makes in each new namespace, so that it does not depend on who is
    /// faster what becomes of the saved one. Nil if it does not come.
    private func awaitOwn(_ item: PreparedItem, _ kind: ResourceKind) async throws(APIError) -> RawObject? {
        var found: RawObject?
        _ = try await Waiting(clock: clock, timeout: .seconds(5)).until { () async throws(APIError) in
            found = try await client.find(kind, item.target.name, in: item.target.namespace)
            return found != nil
        }
        return found
    }

    /// Of an object that the cluster makes just as it was.
    static func givenStep(_ item: PreparedItem) -> RestoreStep {
        RestoreStep(.skip, target: item.target, source: item.source, reason: "each namespace gets one by itself")
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

extension ResourceKind {
    /// As resource lists name a kind: `v1/Pod`, `apps/v1/Deployment`.
    var listKey: String { ResourceList.key(groupVersion, kind: kind) }
}
