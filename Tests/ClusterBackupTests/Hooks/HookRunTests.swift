import Basics
import ClusterBackup
import KubernetesClient
import KubernetesModel
import PracticeCluster
import Synchronization
import Testing

@Suite struct `Hooks around the volumes of a pod` {
    private func texts(_ outcome: HookOutcome) -> String { outcome.messages.map(\.text).joined(separator: "\n") }

    @Test func `freeze, let the volumes be saved, and thaw`() async throws {
        let pod = PracticePod()
        let seen = Mutex([Bool]())
        let (run, _) = try pod.run()
        let outcome = await pod.around(run) {
            seen.withLock { $0 += [pod.isFrozen, pod.notes.count == 1] }
        }
        #expect(seen.withLock { $0 } == [true, true])
        #expect(outcome.hasWorked)
        #expect(outcome.messages.isEmpty)
        #expect(outcome.attempted == 2)
        #expect(outcome.failed == 0)
        #expect(pod.commands == ["guarded freeze", "/sbin/fsfreeze --unfreeze /data"])
        #expect(!pod.isFrozen)
        #expect(pod.notes.isEmpty)
    }

    @Test func `run in order, in their container, whatever they are`() async throws {
        let pod = PracticePod([
            "pre.hook.backup.velero.io/command": #"["dump","all"]"#, "post.hook.backup.velero.io/command": "clean",
        ])
        let (run, _) = try pod.run()
        let outcome = await pod.around(run) { pod.world.withLock { $0.commands.append("WORK") } }
        #expect(pod.commands == ["dump all", "WORK", "clean"])
        #expect(outcome.messages.isEmpty)
        #expect(pod.notes.isEmpty)
    }

    @Test func `are none for most pods`() async throws {
        let pod = PracticePod([:])
        let (run, transport) = try pod.run()
        let outcome = await pod.around(run)
        #expect(outcome.hasWorked)
        #expect(outcome.attempted == 0)
        #expect(transport.count == 1)
    }

    @Test(arguments: ["Fail", "Continue", ""]) func `that fail stop the volumes where they are told to`(mode: String)
        async throws
    {
        var annotations = ["pre.hook.backup.velero.io/command": "dump", "post.hook.backup.velero.io/command": "clean"]
        annotations["pre.hook.backup.velero.io/on-error"] = mode.isEmpty ? nil : mode
        let pod = PracticePod(annotations)
        pod.world.withLock { _ = $0.failing.insert("dump") }
        let (run, _) = try pod.run()
        let outcome = await pod.around(run)
        #expect(outcome.hasWorked == (mode != "Fail"))
        #expect(outcome.failed == 1)
        #expect(outcome.messages.first?.level == .error)
        let words = "the hook before the backup (annotation, container main) failed: it ended with code 5: no luck"
        #expect(texts(outcome) == words + (mode == "Fail" ? "; its volumes are not saved" : ""))
        #expect(pod.commands == (mode == "Fail" ? ["dump"] : ["dump", "clean"]))
        #expect(pod.notes.isEmpty)
    }

    @Test func `that find the file system frozen already leave it to whoever froze it`() async throws {
        let pod = PracticePod()
        pod.world.withLock { $0.isFrozen = true }
        let (run, _) = try pod.run()
        let outcome = await pod.around(run)
        #expect(!outcome.hasWorked)
        #expect(texts(outcome).contains("code 1: fsfreeze: /data: freeze failed: Device or resource busy"))
        #expect(pod.isFrozen)
        #expect(pod.commands == ["guarded freeze"])
    }

    @Test func `name a container that does not exist`() async throws {
        let pod = PracticePod([
            "pre.hook.backup.velero.io/command": #"["fsfreeze","-f","/data"]"#,
            "pre.hook.backup.velero.io/container": "redis",
        ])
        let (run, _) = try pod.run()
        let outcome = await pod.around(run)
        #expect(outcome.hasWorked)
        #expect(texts(outcome).contains("failed: the pod has no container 'redis'; it has main"))
        #expect(pod.commands.isEmpty)
        #expect(pod.notes.isEmpty)
    }

    @Test func `thaw what no hook thaws`() async throws {
        let pod = PracticePod(["pre.hook.backup.velero.io/command": #"["fsfreeze","-f","/data"]"#])
        let (run, _) = try pod.run()
        let outcome = await pod.around(run)
        #expect(outcome.hasWorked)
        #expect(pod.commands == ["guarded freeze", "fsfreeze -u /data"])
        #expect(!pod.isFrozen)
    }

    @Test func `are not run if nothing could undo them`() async throws {
        let pod = PracticePod([
            "pre.hook.backup.velero.io/command": #"["sh","-c","fsfreeze -f \"$PGDATA\""]"#,
            "pre.hook.backup.velero.io/on-error": "Fail",
        ])
        let (run, _) = try pod.run()
        let outcome = await pod.around(run)
        #expect(!outcome.hasWorked)
        #expect(texts(outcome).contains("it was not run"))
        #expect(pod.commands.isEmpty)
    }

    @Test func `thaw when the backup is cancelled, and at once`() async throws {
        let pod = PracticePod()
        let (run, _) = try pod.run()
        let begun = BoundedChannel<Void>(limit: 1)
        let never = BoundedChannel<Void>(limit: 1)
        let task = Task {
            await pod.around(run) {
                begun.finish()
                await withTaskCancellationHandler {
                    _ = await never.next()
                } onCancel: {
                    never.finish()
                }
            }
        }
        _ = await begun.next()
        #expect(pod.isFrozen)
        task.cancel()
        let outcome = await task.value
        #expect(outcome.hasWorked)
        #expect(!pod.isFrozen)
        #expect(pod.notes.isEmpty)
    }

    @Test func `are not begun once the backup is cancelled`() async throws {
        let pod = PracticePod()
        let (run, _) = try pod.run()
        let outcome = await Task {
            withUnsafeCurrentTask { $0?.cancel() }
            return await pod.around(run)
        }.value
        #expect(!outcome.hasWorked)
        #expect(pod.commands.isEmpty)
        #expect(pod.notes.isEmpty)
    }

    @Test func `try again until the file system is thawed`() async throws {
        let pod = PracticePod()
        pod.world.withLock { $0.thawFails = 3 }
        let (run, _) = try pod.run()
        let outcome = await pod.around(run)
        #expect(outcome.messages.isEmpty)
        #expect(!pod.isFrozen)
    }

    @Test func `let the guard thaw if nothing else does, and leave a note`() async throws {
        let pod = PracticePod()
        pod.world.withLock { $0.thawFails = 1000 }
        let (run, _) = try pod.run()
        let outcome = await pod.around(run)
        await pod.guardsHaveEnded()
        #expect(!pod.isFrozen)
        #expect(texts(outcome).contains("could not be thawed from here"))
        #expect(pod.notes.count == 1)
        pod.world.withLock { $0.thawFails = 0 }
        let reports = try await pod.recovery().run()
        #expect(reports.map(\.isUndone) == [true])
        #expect(pod.notes.isEmpty)
    }

    @Test func `notice that the file system did not stay frozen`() async throws {
        let pod = PracticePod()
        let (run, _) = try pod.run()
        // As the guard does after the longest time.
        let outcome = await pod.around(run) { pod.world.withLock { $0.isFrozen = false } }
        #expect(outcome.hasWorked)
        #expect(!pod.isFrozen)
        #expect(texts(outcome).contains("was thawed before its volumes were saved"))
        #expect(outcome.messages.map(\.level) == [.error])
        #expect(pod.notes.isEmpty)
    }

    @Test func `thaw although the guard was killed with its container`() async throws {
        let pod = PracticePod()
        let (run, _) = try pod.run()
        let outcome = await pod.around(run) {
            await pod.killContainer()
            await pod.guardsHaveEnded()
        }
        #expect(outcome.hasWorked)
        #expect(outcome.messages.isEmpty)
        #expect(!pod.isFrozen)
    }

    @Test func `may spell the thaw otherwise than the freeze`() async throws {
        var annotations = PracticePod.freezing
        annotations["post.hook.backup.velero.io/command"] = #"["fsfreeze","-u","/data"]"#
        let pod = PracticePod(annotations)
        let (run, _) = try pod.run()
        let outcome = await pod.around(run)
        #expect(outcome.messages.isEmpty)
        #expect(!pod.isFrozen)
    }

    @Test func `run without the right to leave notes, and say so`() async throws {
        var settings = PracticeSettings()
        settings.denials = [.init(verbs: ["create"], resource: GroupResource("configmaps"))]
        let pod = PracticePod(settings: settings)
        let (run, _) = try pod.run()
        let outcome = await pod.around(run)
        #expect(outcome.hasWorked)
        #expect(outcome.messages.map(\.level) == [.warning])
        #expect(texts(outcome).contains("a frozen file system is thawed all the same"))
        #expect(!pod.isFrozen)
    }

    @Test func `leave a pod alone that is another one now, or gone`() async throws {
        let pod = PracticePod()
        let (run, _) = try pod.run()
        let other = await run.around("db", in: "app", uid: "another") {}
        #expect(!other.hasWorked)
        #expect(texts(other).contains("was replaced by another"))
        let gone = await run.around("nobody", in: "app", uid: "") {}
        #expect(!gone.hasWorked)
        #expect(pod.commands.isEmpty)
    }
}
