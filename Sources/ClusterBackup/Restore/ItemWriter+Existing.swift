import KubernetesClient
import KubernetesModel

/// What becomes of an object that is in the cluster already.
extension ItemWriter {
    func settle(
        _ found: RawObject, _ item: PreparedItem, _ kind: ResourceKind, _ result: inout ItemResult
    ) async throws(APIError) {
        let decision = try decide(found, item)
        result.step = step(for: decision, item)
        switch decision {
        case .same(let relabel):
            if let relabel { await patch(relabel, item, kind, &result) }
        case .differs(let changes):
            result.warnings.append(ItemWriter.keptMessage(item, changes.count))
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
    func decide(_ found: RawObject, _ item: PreparedItem) throws(APIError) -> ExistingDecision {
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

    func step(for decision: ExistingDecision, _ item: PreparedItem) -> RestoreStep {
        func step(_ verb: RestoreStep.Verb, _ reason: String?, _ changes: [FieldDifference] = []) -> RestoreStep {
            RestoreStep(verb, target: item.target, source: item.source, reason: reason, changes: changes)
        }
        switch decision {
        case .same: return step(.leave, "the cluster has the same")
        case .differs(let changes):
            return step(.keep, "the cluster has another, which stays", changes)
        case .extend(_, let changes): return step(.update, "what it lacks is added", changes)
        case .update(_, _, let changes): return step(.update, nil, changes)
        }
    }

    static func keptMessage(_ item: PreparedItem, _ changes: Int) -> String {
        "could not restore, \(item.object.kind):\(item.target.name) already exists. Warning: the in-cluster version is "
            + "different than the backed-up version (\(changes) field\(changes == 1 ? "" : "s")); it was left as it is"
    }
}
