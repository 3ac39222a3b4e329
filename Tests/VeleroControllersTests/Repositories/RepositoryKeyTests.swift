import Basics
import KubernetesModel
import MartletTestSupport
import PracticeCluster
import Testing
import VeleroControllers

@Suite struct RepositoryKeyTests {
    private func withCluster(_ body: (NodeScene) async throws -> Void) async throws {
        try await withTemporaryFolder { folder in
            let scene = try NodeScene(in: folder)
            scene.createNamespace("velero")
            try await body(scene)
        }
    }

    private func createSecret(_ scene: NodeScene, _ name: String, _ password: String) {
        scene.create(
            "/api/v1/namespaces/velero/secrets",
            [
                "apiVersion": "v1", "kind": "Secret", "metadata": ["name": .string(name)],
                "data": ["repository-password": .string(Base64.encode(Array(password.utf8)))],
            ])
    }

    @Test(arguments: ["velero-repo-credentials", "velero-restic-credentials"])
    func `the Secret of an installation is honoured, blanks at its ends aside`(name: String) async throws {
        try await withCluster { scene in
            #expect(try await RepositoryKey.find(scene.client, in: "velero") == nil)
            createSecret(scene, name, " correct horse\n")
            let key = try #require(try await RepositoryKey.find(scene.client, in: "velero"))
            #expect(key.password == Secret("correct horse"))
            #expect(key.source == "Secret velero/\(name)")
            #expect(key.warning == nil)
        }
    }

    @Test func `the newer Secret is the one that counts`() async throws {
        try await withCluster { scene in
            createSecret(scene, "velero-restic-credentials", "old")
            createSecret(scene, "velero-repo-credentials", "new")
            let key = try await RepositoryKey.find(scene.client, in: "velero")
            #expect(key?.password == Secret("new"))
        }
    }

    @Test func `Velero's own password is warned of, and the password is in no text`() async throws {
        try await withCluster { scene in
            createSecret(scene, "velero-repo-credentials", "static-passw0rd")
            let key = try #require(try await RepositoryKey.find(scene.client, in: "velero"))
            #expect(key.warning?.contains("the one that Velero ships") == true)
            #expect(!"\(key) \(key.warning ?? "")".contains("static-passw0rd"))
        }
    }

    @Test func `a new installation gets a random key once`() async throws {
        try await withCluster { scene in
            var random = SeededGenerator(seed: 3)
            let made = try await RepositoryKey.findOrMake(scene.client, in: "velero") { random.next() }
            #expect(made.isNew)
            #expect(made.key.password.reveal().count == 64)
            #expect(made.key.warning == nil)
            let again = try await RepositoryKey.findOrMake(scene.client, in: "velero") { random.next() }
            #expect(!again.isNew)
            #expect(again.key.password == made.key.password)
        }
    }

    @Test func `a Secret without a password is an error, not a new key`() async throws {
        try await withCluster { scene in
            createSecret(scene, "velero-repo-credentials", "")
            let error = await #expect(throws: ControllerError.self) {
                _ = try await RepositoryKey.find(scene.client, in: "velero")
            }
            #expect(error?.code == .invalid)
        }
    }
}
