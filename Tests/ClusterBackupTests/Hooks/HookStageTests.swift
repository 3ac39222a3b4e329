import ClusterBackup
import KubernetesModel
import PracticeCluster
import Synchronization
import Testing

@Suite struct `Hooks around a whole backup` {
    private func listed(_ pod: PracticePod) throws -> APIObject {
        APIObject(try #require(pod.cluster.object("pods", "db", in: "app")))
    }

    @Test func `are counted, pod by pod`() async throws {
        let pod = PracticePod()
        pod.world.withLock { $0.freezeFails = true }
        let (run, transport) = try pod.run()
        let stage = HookStage(run)
        let first = await stage.around(try listed(pod)) {}
        #expect(!first.hasWorked)
        pod.world.withLock { $0.freezeFails = false }
        let second = await stage.around(try listed(pod)) {}
        #expect(second.hasWorked)
        #expect(stage.attempted == 3)
        #expect(stage.failed == 1)
        let before = transport.count
        let none = await stage.around(APIObject(["metadata": ["name": "other", "namespace": "app"]])) {}
        #expect(none.hasWorked)
        #expect(transport.count == before)
    }

    @Test func `begin with what others have left behind`() async throws {
        let pod = PracticePod()
        let (killed, transport) = try pod.run()
        _ = await pod.around(killed) { transport.kill() }
        await pod.guardsHaveEnded()
        #expect(pod.notes.count == 1)
        let (next, _) = try pod.run()
        let messages = await HookStage(next).undoLeftovers()
        #expect(messages.map(\.level) == [.warning])
        #expect(pod.notes.isEmpty)
        let again = await HookStage(next).undoLeftovers()
        #expect(again.isEmpty)
    }
}
