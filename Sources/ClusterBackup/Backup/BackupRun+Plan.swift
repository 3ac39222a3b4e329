internal import Basics
internal import KubernetesClient
internal import KubernetesModel
internal import VeleroAPI

extension BackupRun {
    /// Groups that offer measurements, nothing that could be backed up; one that is down is no loss.
    private static let groupsWithoutObjects = [
        "metrics.k8s.io", "custom.metrics.k8s.io", "external.metrics.k8s.io",
    ]

    /// Looks at what the server offers and decides what to read.
    func makePlan() async throws(ClusterBackupError) -> (SelectionPlan, [KnownNamespace], ResourcePolicy?) {
        let discovery = try await require("asking what the server offers") { () throws(APIError) in
            try await client.discover()
        }
        for failure in discovery.failures {
            let group = GroupVersion(apiVersion: failure.groupVersion).group
            let isHarmless = BackupRun.groupsWithoutObjects.contains(group)
            log.report(
                isHarmless ? .warning : .error,
                "the API group \(failure.groupVersion) could not be looked into, so its objects are not in this backup: "
                    + ErrorChain.line(failure.error))
        }
        let policy = try await readPolicy()
        let errors = SelectionPlan.validationErrors(request.spec, policy: policy)
        guard errors.isEmpty else {
            throw ClusterBackupError(.invalid, "the backup's filters: \(errors.joined(separator: "; "))")
        }
        let namespaces = try await readNamespaces()
        let plan = SelectionPlan(
            request.spec, catalog: KindCatalog(preferred: discovery.preferredKinds),
            clusterNamespaces: namespaces.map(\.facts), policy: policy)
        for problem in plan.problems { log.report(.error, problem) }
        log.info("Including \(plan.selectedNamespaces.count) namespaces and \(plan.kinds.count) kinds")
        return (plan, namespaces, policy)
    }

    private static let namespaceKind = ResourceKind(
        groupVersion: GroupVersion(apiVersion: "v1"), resource: "namespaces", kind: "Namespace", isNamespaced: false)
    private static let configMapKind = ResourceKind(
        groupVersion: GroupVersion(apiVersion: "v1"), resource: "configmaps", kind: "ConfigMap", isNamespaced: true)

    /// Every namespace of the cluster. Who may not list them, but names those wanted, gets these alone.
    private func readNamespaces() async throws(ClusterBackupError) -> [KnownNamespace] {
        let doing = "listing the namespaces"
        do throws(APIError) {
            return try await client.list(BackupRun.namespaceKind).all().map(BackupRun.known)
        } catch {
            let named = NamespaceFilter(includes: request.spec.includedNamespaces, excludes: []).namedNamespaces
            guard error.code == .forbidden, !named.isEmpty, named.count == request.spec.includedNamespaces.count else {
                throw ClusterBackupError(fatal: error, doing)
                    ?? ClusterBackupError(.unavailable, "\(doing) failed", cause: error)
            }
            return try await readNamespaces(named)
        }
    }

    private func readNamespaces(_ names: [String]) async throws(ClusterBackupError) -> [KnownNamespace] {
        var namespaces: [KnownNamespace] = []
        for name in names {
            do throws(APIError) {
                if let object = try await client.find(BackupRun.namespaceKind, name) {
                    namespaces.append(BackupRun.known(object))
                }
            } catch {
                if let fatal = ClusterBackupError(fatal: error, "reading namespace \(name)") { throw fatal }
                log.report(
                    .error, "could not be read, so it is not in this backup: \(ErrorChain.line(error))",
                    about: ObjectReference(resource: KindCatalog.namespaces, namespace: nil, name: name))
                namespaces.append(KnownNamespace(facts: ClusterNamespace(name: name), object: nil))
            }
        }
        return namespaces
    }

    private static func known(_ object: RawObject) -> KnownNamespace {
        KnownNamespace(
            facts: ClusterNamespace(name: object.name, labels: object.labels, isActive: !object.isBeingDeleted),
            object: object)
    }

    private func readPolicy() async throws(ClusterBackupError) -> ResourcePolicy? {
        guard let reference = request.spec.resourcePolicy else { return nil }
        guard reference.kind.lowercased() == "configmap", !reference.name.isEmpty else {
            throw ClusterBackupError(
                .invalid, "resourcePolicy: kind '\(reference.kind)' is not supported, only configmap is")
        }
        let place = "\(request.namespace)/\(reference.name)"
        let found = try await require("reading ConfigMap \(place) of resource policies") { () throws(APIError) in
            try await client.find(BackupRun.configMapKind, reference.name, in: request.namespace)
        }
        guard let found else {
            throw ClusterBackupError(.invalid, "the ConfigMap \(place) of resource policies does not exist")
        }
        let object: APIObject
        do throws(JSONError) {
            object = try found.decoded()
        } catch {
            throw ClusterBackupError(.invalid, "the ConfigMap \(place) cannot be read", cause: error)
        }
        return try ResourcePolicy(configMap: object)
    }
}
