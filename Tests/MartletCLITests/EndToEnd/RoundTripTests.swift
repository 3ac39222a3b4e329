import FoundationEssentials
import MartletTestSupport
import Testing

/// Backs a namespace of a real cluster up, wipes it, and brings it back, with the built program.
@Suite(.serialized, .needs(.kubernetes)) struct `A round trip with a real cluster` {
    /// Planted in the cluster; must never be printed by anything.
    private static let secret = "hunter2-\(UUID().uuidString.lowercased())"

    private static func objects(_ namespace: String) -> String {
        """
        apiVersion: v1
        kind: Namespace
        metadata: {name: \(namespace), labels: {study: sleep}}
        ---
        apiVersion: v1
        kind: Secret
        metadata: {name: keys, namespace: \(namespace)}
        stringData: {password: \(secret)}
        ---
        apiVersion: v1
        kind: ConfigMap
        metadata: {name: settings, namespace: \(namespace)}
        data: {mode: production}
        ---
        apiVersion: v1
        kind: Service
        metadata: {name: web, namespace: \(namespace)}
        spec: {selector: {app: web}, ports: [{port: 80}]}
        ---
        apiVersion: apps/v1
        kind: Deployment
        metadata: {name: web, namespace: \(namespace)}
        spec:
          replicas: 1
          selector: {matchLabels: {app: web}}
          template:
            metadata: {labels: {app: web}}
            spec:
              containers: [{name: web, image: web, env: [{name: PASSWORD, value: \(secret)}]}]
        """
    }

    private let program: MartletProcess
    private let kubectl: Kubectl
    private let namespace = "martlet-\(UUID().uuidString.prefix(8).lowercased())"

    init() throws {
        kubectl = try Kubectl()
        program = MartletProcess([
            "KUBECONFIG": try TestServers.address(of: .kubernetes), "AWS_ACCESS_KEY_ID": TestServers.s3AccessKey,
            "AWS_SECRET_ACCESS_KEY": TestServers.s3SecretKey,
        ])
    }

    @Test(.timeLimit(.minutes(5))) func `through a folder`() async throws {
        let folder = try ScratchFolder()
        try await roundTrip(store: "\(folder.path)/store", folder: folder.path)
    }

    @Test(.needs(.seaweedFS), .timeLimit(.minutes(5))) func `through a bucket`() async throws {
        let folder = try ScratchFolder()
        let bucket = try await TestBucket.make(on: .seaweedFS)
        try await roundTrip(
            store: "s3://\(bucket.name)/cluster-1?endpoint=\(bucket.endpoint)&path-style=true", folder: folder.path)
    }

    private func roundTrip(store: String, folder: String) async throws {
        var printed = ""
        func martlet(_ arguments: String...) async throws -> MartletProcess.Outcome {
            let outcome = try await program.run(arguments)
            printed += outcome.text
            return outcome
        }
        try await kubectl.apply(Self.objects(namespace))
        try await kubectl.wait(
            until: ["get", "deployment", "web", "--namespace", namespace, "-o", "jsonpath={.status.replicas}"],
            gives: "1")

        let dryRun = try await martlet(
            "backup", "create", "b1", "--direct", "--to", store, "--include-namespaces", namespace, "--dry-run")
        #expect(dryRun.status == 0, "\(dryRun.messages)")
        #expect(dryRun.output.contains("v1/Secret"))
        #expect(try await martlet("backup", "get", "--from", store).output == "")

        let created = try await martlet(
            "backup", "create", "b1", "--direct", "--to", store, "--include-namespaces", namespace)
        #expect(created.status == 0, "\(created.messages)")
        #expect(created.output.hasPrefix("Backup \"b1\" Completed: "))
        let again = try await martlet(
            "backup", "create", "b1", "--direct", "--to", store, "--include-namespaces", namespace)
        #expect(again.status == 1, "\(again.messages)")

        let listed = try await martlet("backup", "get", "--from", store)
        #expect(listed.output.contains("b1") && listed.output.contains("Completed"))
        let described = try await martlet("backup", "describe", "b1", "--details", "--from", store)
        #expect(described.status == 0)
        #expect(described.output.contains("- \(namespace)/settings"))
        #expect(try await martlet("backup", "logs", "b1", "--from", store).output.contains("level=info"))
        let same = try await martlet("backup", "diff", "b1", "--from", store)
        #expect(same.status == 0, "\(same.text)")

        try await kubectl.deleteNamespace(namespace)
        let missing = try await martlet("backup", "diff", "b1", "--from", store)
        #expect(missing.status == 3, "\(missing.text)")
        #expect(missing.output.contains("missing    secrets/\(namespace)/keys"))

        let plan = try await martlet(
            "restore", "create", "--from-backup", "b1", "--direct", "--from", store, "--dry-run")
        #expect(plan.status == 0, "\(plan.text)")
        #expect(plan.output.contains("create deployments.apps/\(namespace)/web"))
        let restored = try await martlet("restore", "create", "r1", "--from-backup", "b1", "--direct", "--from", store)
        #expect(restored.status == 0, "\(restored.text)")
        let compared = try await martlet("backup", "diff", "b1", "--from", store)
        #expect(compared.status == 0, "\(compared.text)")
        #expect(compared.output.contains("nothing missing, no differences."))
        let password = try await kubectl(
            "get", "secret", "keys", "--namespace", namespace, "-o", "jsonpath={.data.password}")
        #expect(password == Data(Self.secret.utf8).base64EncodedString())

        #expect(try await martlet("restore", "get", "--from", store).output.contains("r1     b1       Completed"))
        #expect(try await martlet("restore", "describe", "r1", "--details", "--from", store).status == 0)
        #expect(try await martlet("restore", "logs", "r1", "--from", store).output.contains("level="))
        try await files(store, folder, martlet)
        let deleted = try await martlet("backup", "delete", "b1", "--from", store, "--yes")
        #expect(deleted.status == 0, "\(deleted.messages)")
        #expect(try await martlet("backup", "get", "--from", store).output == "")
        try await kubectl.deleteNamespace(namespace)

        #expect(!printed.contains(Self.secret))
        #expect(!printed.contains(Data(Self.secret.utf8).base64EncodedString()))
        #expect(TestServers.s3SecretKey.isEmpty || !printed.contains(TestServers.s3SecretKey))
    }

    /// What people take home: the archive, and plain files.
    private func files(
        _ store: String, _ folder: String, _ martlet: (String...) async throws -> MartletProcess.Outcome
    ) async throws {
        let archive = "\(folder)/b1.tar.gz"
        #expect(try await martlet("backup", "download", "b1", "--from", store, "-o", archive).status == 0)
        #expect(try await martlet("backup", "download", "b1", "--from", store, "-o", archive).status == 1)
        let attributes = try FileManager.default.attributesOfItem(atPath: archive)
        #expect(attributes[.posixPermissions] as? Int == 0o600)
        #expect(try await martlet("backup", "extract", "b1", "\(folder)/plain", "--from", store).status == 0)
        let plain = "\(folder)/plain/\(namespace)"
        try await kubectl("apply", "--dry-run=client", "--recursive", "--filename", plain)
    }

    @Test(.timeLimit(.minutes(2))) func `is partly failed for a user who may not read everything`() async throws {
        let folder = try ScratchFolder()
        let reader = try #require(TestServers.variable("MARTLET_TEST_KUBECONFIG_READER"))
        let outcome = try await program.run(
            "backup", "create", "partial", "--direct", "--to", folder.path, "--include-namespaces", "default",
            "--kubeconfig", reader)
        #expect(outcome.status == 3, "\(outcome.messages)")
        #expect(outcome.output.hasPrefix("Backup \"partial\" PartiallyFailed: "))
        #expect(outcome.messages.contains("secrets"))
        #expect(outcome.messages.contains("orbidden"))
    }
}
