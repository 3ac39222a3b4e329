import FoundationEssentials
import MartletTestSupport
import Testing

/// The bucket that a real Velero 1.1 wrote, listed, described and restored into a real cluster by the built program.
@Suite(.needs(.kubernetes)) struct `A backup of Velero 1.1` {
    @Test(.timeLimit(.minutes(2))) func `is restored, and says which volume is still missing`() async throws {
        let folder = try ScratchFolder()
        let store = "\(folder.path)/store"
        try FileManager.default.copyItem(atPath: Fixtures.veleroDemoBucket, toPath: store)
        let namespace = "martlet-\(UUID().uuidString.prefix(8).lowercased())"
        let program = MartletProcess(["KUBECONFIG": try TestServers.address(of: .kubernetes)])
        let kubectl = try Kubectl()

        #expect(try await program.run("backup", "get", "--from", store).output.contains("demo   Completed"))
        let described = try await program.run("backup", "describe", "demo", "--details", "--from", store)
        #expect(described.status == 0, "\(described.messages)")
        #expect(described.output.contains("- demo/catalog-config"))
        #expect(described.output.contains("files:  PodVolumeBackup, Completed"))

        let restore = [
            "restore", "create", "r", "--from-backup", "demo", "--direct", "--from", store, "--namespace-mappings",
            "demo:\(namespace)", "--pod-volumes=false",
        ]
        let plan = try await program.run(restore + ["--dry-run"])
        #expect(plan.status == 3, "\(plan.text)")
        #expect(try await kubectl("get", "namespace", namespace, "--ignore-not-found") == "")
        let outcome = try await program.run(restore)
        #expect(outcome.status == 3, "\(outcome.text)")
        #expect(outcome.output.hasPrefix("Restore \"r\" PartiallyFailed: "))
        let missing = "volume files of pod \(namespace)/catalog-"
        #expect(outcome.messages.contains(missing) && outcome.messages.contains("was not restored"))
        #expect(plan.messages.contains(missing), "what is planned is what is done")
        for object in ["deployment/catalog", "service/catalog", "configmap/catalog-config", "serviceaccount/default"] {
            #expect(try await kubectl("get", object, "--namespace", namespace, "-o", "name") != "")
        }
        let again = try await program.run(restore)
        #expect(again.status == 0, "\(again.text)")
        #expect(!again.output.contains("created"), "\(again.output)")
        try await kubectl.deleteNamespace(namespace)
    }
}
