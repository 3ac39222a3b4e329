import ClusterBackup
import KubernetesClient
import KubernetesModel
import MartletTestSupport
import PracticeCluster
import Testing
import Transport
import VeleroAPI

private typealias Item = RestoreScene.Item

@Suite("Restores when things go wrong")
struct RestoreFaultTests {
    private static let items = (0..<40).map { number in
        Item("configmaps", "ConfigMap", "c\(number)", in: "a", ["data": ["n": .string("\(number)")]])
    }

    private static let creates = Fault.Match(verb: "create", resource: GroupResource("configmaps"))

    @Test(
        "get over passing faults of the server",
        arguments: [
            ("429", Fault.throttled(retryAfterSeconds: 1, on: creates, first: 3, count: 5)),
            ("503", Fault.failing(503, on: creates, first: 3, count: 5)),
            ("a lost answer", Fault(.loseAnswer(.broken), on: creates, first: 4)),
            ("no connection", Fault(.fail(.connect), on: creates, first: 4, count: 3)),
            ("a timeout", Fault(.loseAnswer(.timeout), on: creates, first: 4)),
        ])
    func passing(name: String, fault: Fault) async throws {
        let scene = try await RestoreScene(RestoreFaultTests.items)
        scene.cluster.inject(fault)
        let (outcome, _) = try await scene.restore()
        #expect(outcome.phase == .completed, "\(outcome.results.errors.all)")
        #expect(outcome.counts[.create] == 41)
        #expect(scene.configMaps.count == 40)
        #expect(scene.cluster.unspentFaults.isEmpty)
    }

    @Test("name an object that the server does not take, and go on")
    func refusedObject() async throws {
        let scene = try await RestoreScene(RestoreFaultTests.items)
        scene.cluster.inject(Fault.failing(500, on: RestoreFaultTests.creates, first: 5))
        scene.cluster.inject(
            Fault(
                .refuse(APIStatus(code: 422, reason: "Invalid", message: "data: Invalid value")),
                on: RestoreFaultTests.creates, first: 9))
        let (outcome, steps) = try await scene.restore()
        #expect(outcome.phase == .partiallyFailed)
        #expect(outcome.errorCount == 2, "\(outcome.results.errors.all)")
        #expect(scene.configMaps.count == 38)
        for step in steps where step.verb == .fail {
            #expect(outcome.results.errors.all.contains { $0.contains("\(step.target)") })
        }
        let (second, _) = try await scene.restore()
        #expect(second.phase == .completed && second.counts[.create] == 2)
    }

    @Test("stop when the server is gone, say how far they came, and go on when run again")
    func serverGone() async throws {
        let scene = try await RestoreScene(RestoreFaultTests.items)
        scene.cluster.inject(Fault(.fail(.connect), on: RestoreFaultTests.creates, first: 10, count: 1_000))
        let (outcome, _) = try await scene.restore()
        #expect(outcome.phase == .failed)
        guard case .server? = outcome.stop else {
            Issue.record("\(String(describing: outcome.stop))")
            return
        }
        #expect(outcome.failureReason?.contains("run the same command again") == true)
        #expect(outcome.counts.total < 40)
        let fresh = try await RestoreScene(RestoreFaultTests.items)
        _ = try await fresh.restore()
        let (again, _) = try await fresh.restore()
        #expect(again.phase == .completed && again.warningCount == 0)
    }

    @Test("wait for a namespace that is being deleted")
    func terminatingNamespace() async throws {
        var settings = PracticeSettings()
        settings.controllers = .manual
        let scene = try await RestoreScene(RestoreFaultTests.items, settings: settings)
        _ = scene.cluster.request("POST", "/api/v1/namespaces", ["metadata": ["name": "a"]])
        _ = scene.cluster.request("DELETE", "/api/v1/namespaces/a")
        let reads = Fault.Match(verb: "get", resource: GroupResource("namespaces"), name: "a")
        scene.cluster.inject(Fault(.before { $0.settle() }, on: reads, first: 5))
        let (outcome, _) = try await scene.restore()
        #expect(outcome.phase == .completed, "\(outcome.results.errors.all)")
        #expect(scene.configMaps.count == 40)
        #expect(scene.clock.pauses.count >= 3)
    }

    @Test("give up on a namespace that does not go, once for all that is in it")
    func stuckNamespace() async throws {
        var settings = PracticeSettings()
        settings.controllers = .manual
        let scene = try await RestoreScene(RestoreFaultTests.items, settings: settings)
        _ = scene.cluster.request("POST", "/api/v1/namespaces", ["metadata": ["name": "a"]])
        _ = scene.cluster.request("DELETE", "/api/v1/namespaces/a")
        let (outcome, _) = try await scene.restore { $1.terminatingTimeout = .seconds(30) }
        #expect(outcome.phase == .partiallyFailed)
        #expect(outcome.errorCount == 1)
        #expect(outcome.results.errors.cluster.first?.contains("namespace a is being deleted") == true)
        #expect(outcome.counts[.fail] == 41)
    }

    @Test("wait for a released volume to go")
    func releasedVolume() async throws {
        let spec: JSONValue = [
            "persistentVolumeReclaimPolicy": "Retain", "capacity": ["storage": "1Gi"], "accessModes": ["ReadWriteOnce"],
            "hostPath": ["path": "/x"],
        ]
        // Its claim is gone: that is what makes a volume a released one. Without a claim it would be free.
        let bound = MergePatch(["claimRef": ["namespace": "a", "name": "c", "uid": "gone"]]).applied(to: spec)
        let scene = try await RestoreScene([
            Item("persistentvolumes", "PersistentVolume", "pv1", in: nil, ["spec": spec])
        ])
        let path = "/api/v1/persistentvolumes"
        _ = scene.cluster.request("POST", path, ["metadata": ["name": "pv1"], "spec": bound])
        try #require(scene.cluster.object("persistentvolumes", "pv1")?["status", "phase"] == "Released")
        let reads = Fault.Match(verb: "get", resource: GroupResource("persistentvolumes"), name: "pv1")
        scene.cluster.inject(Fault(.before { _ = $0.request("DELETE", "\(path)/pv1") }, on: reads, first: 4))
        let (outcome, _) = try await scene.restore()
        #expect(outcome.phase == .completed, "\(outcome.results.errors.all)")
        #expect(outcome.counts[.create] == 1)
    }

    @Test("cancelled restores end cleanly and tell how far they came")
    func cancelled() async throws {
        let scene = try await RestoreScene(RestoreFaultTests.items)
        let restore = Task { try await scene.restore() }
        restore.cancel()
        do {
            let (outcome, _) = try await restore.value
            #expect(outcome.phase == .failed)
            guard case .cancelled? = outcome.stop else {
                Issue.record("\(String(describing: outcome.stop))")
                return
            }
        } catch let error as ClusterBackupError {
            #expect(error.code == .cancelled)
        }
    }
}
