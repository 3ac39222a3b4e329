import Basics
import ClusterBackup
import KubernetesClient
import KubernetesModel
import MartletTestSupport
import ObjectStorage
import Testing
import VeleroAPI

/// Backup, loss and restore on a real API server, compared object by object.
@Suite("Round trip on a real API server", .needs(.kubernetes), .serialized, .timeLimit(.minutes(5)))
struct RoundTripTests {
    private func backUp(_ cluster: RealCluster, prefix: String, to store: InMemoryObjectStore) async throws {
        var spec = BackupSpec()
        spec.includedNamespaces = ["\(prefix)-*"]
        spec.includeClusterResources = true
        let outcome = try await DirectBackup(client: cluster.client, store: store, clock: RealCluster.wallClock).run(
            BackupRequest(name: BackupName(prefix)!, spec: spec, uid: prefix))
        #expect(outcome.phase == .completed, "\(outcome.results.errors.all)")
    }

    private func restore(
        _ cluster: RealCluster, prefix: String, from store: InMemoryObjectStore,
        _ change: (inout RestoreSpec, inout RestoreOptions) -> Void = { _, _ in }
    ) async throws -> (outcome: RestoreOutcome, steps: [String]) {
        var spec = RestoreSpec()
        var options = RestoreOptions()
        // Other tests have cluster-scoped objects too; what exists and is equal is left alone anyway.
        change(&spec, &options)
        let recorder = StepRecorder()
        let outcome = try await RestoreRun(
            client: cluster.client, store: store,
            request: RestoreRequest(name: RestoreName("\(prefix)-r")!, backupName: BackupName(prefix)!, spec: spec),
            options: options, clock: ContinuousClock(), wallClock: RealCluster.wallClock, temporaryFolder: "/tmp"
        ).run(observe: recorder.record)
        return (outcome, RestoreScene.lines(recorder.steps).sorted())
    }

    private func reference(_ cluster: RealCluster, _ object: APIObject) async throws -> ObjectReference? {
        try await cluster.kind(of: object).map {
            ObjectReference(resource: $0.groupResource, namespace: object.namespace, name: object.name)
        }
    }

    /// Namespaces first, so that what is in them goes with them.
    private func removeAll(_ cluster: RealCluster, _ saved: [(ObjectReference, APIObject)]) async throws {
        let clusterScoped = saved.map(\.0).filter { $0.namespace == nil }
        for place in saved.map(\.0) where place.namespace != nil && place.name == "other" {
            // Nobody else takes this finalizer off.
            if let kind = cluster.discovery.kind(place.resource) {
                let patch: JSONValue = ["metadata": ["finalizers": .null]]
                _ = try? await cluster.client.patch(kind, place.name, in: place.namespace, .merge(patch.serialized()))
            }
        }
        for place in clusterScoped.sorted(by: {
            ($0.resource == GroupResource("namespaces") ? 0 : 1) < ($1.resource == GroupResource("namespaces") ? 0 : 1)
        }) {
            try await cluster.remove(place)
        }
    }

    @Test("brings every object back as it was, managed fields included, and can be repeated in silence")
    func everyKind() async throws {
        let cluster = try await RealCluster.connect()
        let prefix = "mrt\(RealCluster.wallClock.now().seconds % 1_000_000)"
        do {
            try await roundTrip(cluster, prefix)
        } catch {
            await cluster.close()
            throw error
        }
        await cluster.close()
    }

    private func roundTrip(_ cluster: RealCluster, _ prefix: String) async throws {
        let store = InMemoryObjectStore()
        let originals = try await createAll(cluster, prefix)
        #expect(Set(originals.map(\.0.resource)).count >= 25)
        try await backUp(cluster, prefix: prefix, to: store)
        try await removeAll(cluster, originals)

        let (_, plan) = try await restore(cluster, prefix: prefix, from: store) { $1.isDryRun = true }
        let first = try await cluster.find(originals[0].0)
        #expect(first == nil, "a plan writes nothing")
        let (outcome, steps) = try await restore(cluster, prefix: prefix, from: store)
        #expect(outcome.phase == .completed, "\(outcome.results.errors.all)")
        // What other tests have in the cluster at the time comes and goes.
        func ours(_ steps: [String]) -> [String] { steps.filter { $0.contains(prefix) } }
        #expect(ours(plan) == ours(steps), "what is planned is what is done")
        let problems = try await compare(cluster, originals)
        #expect(problems.isEmpty, "\(problems)")

        let (again, repeated) = try await restore(cluster, prefix: prefix, from: store)
        #expect(again.phase == .completed, "\(again.results.errors.all)")
        #expect(ours(repeated).allSatisfy { $0.hasPrefix("leave ") || $0.hasPrefix("skip ") }, "nothing is left to do")
        #expect(ours(again.results.warnings.all).isEmpty)
        try await removeAll(cluster, originals)
    }

    /// Creates everything and returns it as the server has it once controllers have had their first look.
    private func createAll(_ cluster: RealCluster, _ prefix: String) async throws -> [(ObjectReference, APIObject)] {
        var places: [ObjectReference] = []
        for object in try RoundTripObjects.all(prefix: prefix) {
            if object.kind == "Widget" || object.kind == "Planet" { try await cluster.awaitKind(of: object) }
            guard let place = try await reference(cluster, object), !places.contains(place) else { continue }
            if try await cluster.createOnceServed(object, place) != nil { places.append(place) }
        }
        var originals: [(ObjectReference, APIObject)] = []
        for place in places {
            if let original = try await cluster.find(place) { originals.append((place, original)) }
        }
        return originals
    }

    private func compare(
        _ cluster: RealCluster, _ originals: [(ObjectReference, APIObject)]
    ) async throws -> [String] {
        var problems: [String] = []
        for (place, original) in originals {
            guard let restored = try await cluster.find(place) else {
                problems.append("\(place) is missing")
                continue
            }
            var options = ObjectComparison.Options()
            // Controllers write to some kinds at once, and are recorded for it.
            options.comparesManagedFields = !RoundTripTests.hasController(original.kind)
            let differences = ObjectComparison.differences(
                original: original, restored: restored, resource: place.resource, options: options)
            problems += differences.map { "\(place): \($0)" }
        }
        return problems
    }

    private static func hasController(_ kind: String) -> Bool {
        [
            "PersistentVolume", "PersistentVolumeClaim", "CustomResourceDefinition", "Pod", "Deployment", "ReplicaSet",
            "StatefulSet", "DaemonSet", "Job", "CronJob", "ReplicationController",
            "ResourceQuota", "PodDisruptionBudget", "HorizontalPodAutoscaler", "Namespace", "ServiceAccount",
            "Endpoints",
        ].contains(kind)
    }
}
