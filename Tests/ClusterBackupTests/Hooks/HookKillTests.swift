import Basics
import ClusterBackup
import KubernetesModel
import PracticeCluster
import Synchronization
import Testing

/// The process that runs the hooks is killed at every point where it touches the world, before or after the touch.
@Suite struct `A process that is killed between freeze and thaw` {
    /// How many times a whole run touches the world.
    private static func touches() async throws -> Int {
        let pod = PracticePod()
        let (run, transport) = try pod.run()
        _ = await pod.around(run)
        return transport.count
    }

    @Test func `leaves a file system that thaws by itself, and a note that its successor works off`() async throws {
        let touches = try await Self.touches()
        #expect(touches >= 6)
        var deaths = 0
        for after in 0..<touches {
            for hasLastAct in [false, true] {
                let death = MortalTransport.Death(after: after, hasLastAct: hasLastAct)
                let pod = PracticePod()
                let (run, transport) = try pod.run(death)
                _ = await pod.around(run)
                deaths += transport.isDead ? 1 : 0
                // Nobody has started anything again yet: the pod helps itself.
                await pod.guardsHaveEnded()
                #expect(!pod.isFrozen, "\(death)")
                let reports = try await pod.recovery().run()
                #expect(!reports.map(\.isUndone).contains(false), "\(death): \(reports.map(\.message))")
                #expect(pod.notes.isEmpty, "\(death)")
            }
        }
        // The last touches are polite farewells, which need not happen.
        #expect(deaths >= 2 * (touches - 3))
    }

    @Test func `leaves a frozen file system to its successor if the guard died too`() async throws {
        let pod = PracticePod()
        let (run, transport) = try pod.run()
        _ = await pod.around(run) {
            await pod.killContainer()
            await pod.guardsHaveEnded()
            transport.kill()
        }
        #expect(pod.isFrozen)
        #expect(pod.notes.count == 1)
        let reports = try await pod.recovery().run()
        #expect(reports.map(\.isUndone) == [true])
        #expect(!pod.isFrozen)
        #expect(pod.notes.isEmpty)
    }

    @Test func `leaves hooks after the backup to its successor`() async throws {
        let pod = PracticePod([
            "pre.hook.backup.velero.io/command": "begin", "post.hook.backup.velero.io/command": "end",
        ])
        let (run, transport) = try pod.run()
        _ = await pod.around(run) { transport.kill() }
        #expect(pod.commands == ["begin"])
        let reports = try await pod.recovery().run()
        #expect(reports.map(\.isUndone) == [true])
        #expect(pod.commands == ["begin", "end"])
    }

    @Test func `is not taken for dead while it lives`() async throws {
        let pod = PracticePod()
        let (run, _) = try pod.run(holder: "a person")
        let (other, _) = try pod.run(holder: "server")
        let outcome = await pod.around(run) {
            let reports = try? await pod.recovery(holder: "server").run()
            #expect(reports?.isEmpty == true)
            let second = await pod.around(other)
            #expect(!second.hasWorked)
            #expect(
                second.messages.map(\.text) == ["its hooks were not run and its volumes not saved: a person is at it"])
            #expect(pod.isFrozen)
        }
        #expect(outcome.messages.isEmpty)
        #expect(!pod.isFrozen)
    }

    @Test func `is taken for dead when its note has expired`() async throws {
        let pod = PracticePod()
        let (run, transport) = try pod.run(holder: "a person")
        _ = await pod.around(run) { transport.kill() }
        await pod.guardsHaveEnded()
        let early = try await pod.recovery(holder: "server").run()
        #expect(early.isEmpty)
        pod.wallTime.withLock { $0 = $0 + .seconds(181) }
        let (next, _) = try pod.run(holder: "server")
        let outcome = await pod.around(next)
        #expect(outcome.hasWorked)
        #expect(outcome.messages.isEmpty)
        #expect(!pod.isFrozen)
        #expect(pod.notes.isEmpty)
    }

    @Test func `leaves nothing to do when the pod is gone`() async throws {
        let pod = PracticePod()
        let (run, transport) = try pod.run()
        _ = await pod.around(run) { transport.kill() }
        await pod.guardsHaveEnded()
        // Without the garbage collection that takes the note along.
        let note = pod.cluster.object("configmaps", "martlet-hooks-\(pod.uid)", in: "app")
        pod.cluster.request("DELETE", "/api/v1/namespaces/app/pods/db?gracePeriodSeconds=0")
        if pod.notes.isEmpty, var left = note {
            left["metadata", "ownerReferences"] = nil
            left["metadata", "resourceVersion"] = nil
            left["metadata", "uid"] = nil
            pod.cluster.request("POST", "/api/v1/namespaces/app/configmaps", left)
        }
        let reports = try await pod.recovery().run()
        #expect(reports.map(\.isUndone) == [true])
        #expect(reports.first?.message.contains("node node1") == true)
        #expect(pod.notes.isEmpty)
    }

    @Test func `does not make others run what nobody asked for`() async throws {
        let pod = PracticePod()
        let note = HookNote(
            namespace: "app", pod: "db", podUID: pod.uid, node: "node1", holder: "server",
            expires: Timestamp(seconds: 0),
            duties: [.init(container: "main", command: ["rm", "-rf", "/"], timeout: .seconds(30))])
        try await pod.add(note)
        let reports = try await pod.recovery().run()
        #expect(reports.map(\.isUndone) == [false])
        #expect(reports.first?.message.contains("rm -rf /: neither the pod nor a known backup asks for this") == true)
        #expect(pod.commands.isEmpty)
        let known = try BackupHooks([
            "resources": [["post": [["exec": ["command": ["rm", "-rf", "/"]]]]]]
        ])
        // The pod's own annotation replaces the backup's hooks: still nobody asks.
        let again = try await pod.recovery(known: [known]).run()
        #expect(again.map(\.isUndone) == [false])
    }
}
