import KubernetesClient
import KubernetesModel

extension ItemWriter {
    /// What `apply` would do, found out by reading alone.
    ///
    /// - Parameters:
    ///   - mayExist: false if the namespace or the kind is not there yet; nothing is then asked.
    ///   - comesByItself: the cluster will have made a bare one by the time.
    func plan(_ item: PreparedItem, _ kind: ResourceKind, mayExist: Bool, comesByItself: Bool) async -> ItemResult {
        var result = ItemResult(
            step: RestoreStep(.create, target: item.target, source: item.source), resourceKey: kind.listKey,
            errors: item.problems.map { "\(item.target): \($0)" })
        if comesByItself {
            var bare = APIObject([
                "apiVersion": .string(item.object.apiVersion), "kind": .string(item.object.kind),
                "metadata": ["name": .string(item.target.name)],
            ])
            bare.namespace = item.target.namespace
            let decision = ExistingObject.decide(
                prepared: item.object, found: bare, resource: item.target.resource, policy: policy)
            result.step = step(for: decision, item)
            if result.step.verb == .leave { result.step = ItemWriter.givenStep(item) }
            return result
        }
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
                result.errors += item.duties.messages(of: item.target, fillsVolumes: volumes != nil)
                if volumes != nil { result.step.reason = item.duties.plannedVolumes }
            }
        } catch {
            result.fail(error)
        }
        return result
    }
}
