import FoundationEssentials
import KubernetesModel
import MartletTestSupport
import PracticeCluster
import Subprocess
import Testing

@Suite struct `An interrupted backup` {
    @Test(.timeLimit(.minutes(2))) func `ends with 130 and leaves nothing that looks whole`() async throws {
        let folder = try ScratchFolder()
        let server = try await SilentServer.start()
        let kubeconfig = "\(folder.path)/config"
        try server.kubeconfig.write(toFile: kubeconfig, atomically: true, encoding: .utf8)
        let store = "\(folder.path)/store"
        let claim = "\(store)/backups/nightly/nightly-logs.gz"
        let outcome = try await MartletProcess().interrupt(
            ["backup", "create", "nightly", "--direct", "--to", store, "--kubeconfig", kubeconfig],
            when: { FileManager.default.fileExists(atPath: claim) })
        try await server.stop()
        #expect(outcome.status == 130, "\(outcome.messages)")
        #expect(outcome.messages.contains("interrupted: stopping cleanly"))
        #expect(outcome.output == "")
        #expect(folder.contents("store").filter { $0.hasSuffix(".json") || $0.hasSuffix(".gz") } == [])
        let listing = try await MartletProcess().run("backup", "get", "--from", store)
        #expect(listing.status == 0)
        #expect(listing.messages == "There are no backups.\n")
    }

    @Test(.timeLimit(.minutes(2))) func `that is killed looks like none, and can be cleared away`() async throws {
        let folder = try ScratchFolder()
        let server = try await PracticeServer.start(PracticeCluster())
        // The list waits for a time that does not come: the run is under way until it is killed.
        let lists = Fault.Match(verb: "list", resource: GroupResource("configmaps"))
        server.cluster.inject(Fault(.delay(.seconds(3600)), on: lists))
        let kubeconfig = "\(folder.path)/config"
        try server.kubeconfig().write(toFile: kubeconfig, atomically: true, encoding: .utf8)
        let store = "\(folder.path)/store"
        let claim = "\(store)/backups/nightly/nightly-logs.gz"
        let program = MartletProcess(["KUBECONFIG": kubeconfig])
        let create = ["backup", "create", "nightly", "--direct", "--to", store]
        let killed = try await program.interrupt(create, by: .kill) {
            FileManager.default.fileExists(atPath: claim) && !server.cluster.unspentFaults.contains { _ in true }
        }
        #expect(killed.status == 128 + 9)
        let listing = try await program.run("backup", "get", "--from", store)
        #expect(!listing.output.contains("Completed") && !listing.output.contains("PartiallyFailed"))
        #expect(try await program.run("backup", "describe", "nightly", "--from", store).status != 0)

        let refused = try await program.run(create)
        #expect(refused.status == 1, "\(refused.messages)")
        #expect(refused.messages.contains("interrupted or is under way"))
        #expect(refused.messages.contains("backup delete nightly --force"))
        let kept = try await program.run("backup", "delete", "nightly", "--yes", "--from", store)
        #expect(kept.status == 2, "it might be under way")
        #expect(kept.messages.contains("--force"))
        let cleared = try await program.run("backup", "delete", "nightly", "--yes", "--force", "--from", store)
        #expect(cleared.status == 0, "\(cleared.messages)")
        let again = try await program.run(create)
        #expect(again.status == 0, "\(again.messages)")
        #expect(try await program.run("backup", "get", "--from", store).output.contains("Completed"))
        try await server.stop()
    }
}

@Suite struct `An interrupted restore` {
    @Test(.timeLimit(.minutes(2)), arguments: [Signal.interrupt, .kill])
    func `goes on when it is run again`(signal: Signal) async throws {
        let folder = try ScratchFolder()
        let store = "\(folder.path)/store"
        _ = try StoredBackup.write(into: store, archive: StoredBackup.archive(200))
        let server = try await PracticeServer.start(PracticeCluster())
        let creates = Fault.Match(verb: "create", resource: GroupResource("configmaps"))
        server.cluster.inject(Fault(.delay(.seconds(3600)), on: creates, first: 100, count: 16))
        let kubeconfig = "\(folder.path)/config"
        try server.kubeconfig().write(toFile: kubeconfig, atomically: true, encoding: .utf8)
        let program = MartletProcess(["KUBECONFIG": kubeconfig, "TMPDIR": folder.path])
        let restore = ["restore", "create", "r", "--from-backup", "nightly", "--direct", "--from", store]
        let stopped = try await program.interrupt(restore, by: signal) { server.cluster.unspentFaults.isEmpty }
        if signal == .interrupt {
            #expect(stopped.status == 130, "\(stopped.messages)")
            #expect(stopped.messages.contains("interrupted"))
            #expect(stopped.messages.contains("run the same command again"))
        } else {
            #expect(stopped.status == 128 + 9)
        }
        #expect(server.cluster.count("configmaps") < 201)
        let again = try await program.run(restore)
        #expect(again.status == 0, "\(again.messages)")
        #expect(server.cluster.names("configmaps", in: "a").filter { !$0.hasSuffix("kube-root-ca.crt") }.count == 200)
        // Files for the unpacked archive have no name, so that nothing is left of them, however the program ended.
        #expect(folder.contents().filter { $0.hasPrefix(".martlet") } == [])
        try await server.stop()
    }
}
