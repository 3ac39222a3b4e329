import FoundationEssentials
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
}
