import FoundationEssentials
import KubernetesModel
import MartletTestSupport
import PracticeCluster
import Testing

/// The newest servers are not at hand for tests; their twin is: aggregated discovery, no token Secrets, labelled
/// namespaces, no kinds that have been removed.
@Suite struct `Between servers of any age` {
    private static let versions: [PracticeSettings.Version] = [.oldest, .newest]

    private func start(_ version: PracticeSettings.Version, _ folder: String) async throws -> (PracticeServer, String) {
        var settings = PracticeSettings()
        settings.version = version
        let server = try await PracticeServer.start(PracticeCluster(settings))
        let path = "\(folder)/config-\(UUID().uuidString)"
        try server.kubeconfig().write(toFile: path, atomically: true, encoding: .utf8)
        return (server, path)
    }

    private func fill(_ cluster: PracticeCluster) {
        cluster.request("POST", "/api/v1/namespaces", ["metadata": ["name": "study", "labels": ["team": "sleep"]]])
        cluster.request(
            "POST", "/api/v1/namespaces/study/configmaps", ["metadata": ["name": "settings"], "data": ["k": "v"]])
        cluster.request(
            "POST", "/api/v1/namespaces/study/secrets", ["metadata": ["name": "keys"], "data": ["password": "eA=="]])
        cluster.request(
            "POST", "/api/v1/namespaces/study/services",
            ["metadata": ["name": "web"], "spec": ["selector": ["app": "web"], "ports": [["port": 80]]]])
        let template: JSONValue = [
            "metadata": ["labels": ["app": "web"]], "spec": ["containers": [["name": "web", "image": "web:1"]]],
        ]
        cluster.request(
            "POST", "/apis/apps/v1/namespaces/study/deployments",
            [
                "metadata": ["name": "web"],
                "spec": ["replicas": 1, "selector": ["matchLabels": ["app": "web"]], "template": template],
            ])
        cluster.request(
            "POST", "/apis/networking.k8s.io/v1/namespaces/study/ingresses",
            [
                "metadata": ["name": "web"],
                "spec": ["defaultBackend": ["service": ["name": "web", "port": ["number": 80]]]],
            ])
    }

    @Test(arguments: versions, versions)
    func `a backup of one is restored into the other`(
        old: PracticeSettings.Version, new: PracticeSettings.Version
    ) async throws {
        let folder = try ScratchFolder()
        let store = "\(folder.path)/store"
        let (lost, lostConfig) = try await start(old, folder.path)
        let (fresh, freshConfig) = try await start(new, folder.path)
        fill(lost.cluster)
        let program = MartletProcess()
        let backup = try await program.run(
            "backup", "create", "b", "--direct", "--to", store, "--include-namespaces", "study", "--kubeconfig",
            lostConfig)
        #expect(backup.status == 0, "\(backup.text)")
        let restore = ["restore", "create", "r", "--from-backup", "b", "--direct", "--from", store]
        let plan = try await program.run(restore + ["--dry-run", "--kubeconfig", freshConfig])
        #expect(plan.status == 0, "\(plan.text)")
        let done = try await program.run(restore + ["--kubeconfig", freshConfig])
        #expect(done.status == 0, "\(done.text)")
        for (resource, name) in [
            ("configmaps", "settings"), ("secrets", "keys"), ("services", "web"), ("deployments.apps", "web"),
            ("ingresses.networking.k8s.io", "web"),
        ] {
            #expect(fresh.cluster.object(resource, name, in: "study") != nil, "\(resource)/\(name)")
        }
        #expect(fresh.cluster.object("namespaces", "study")?["metadata", "labels", "team"] == "sleep")
        let compared = try await program.run(["backup", "diff", "b", "--from", store, "--kubeconfig", freshConfig])
        #expect(compared.status == 0, "\(compared.text)")
        let again = try await program.run(restore + ["--kubeconfig", freshConfig])
        #expect(again.status == 0, "\(again.text)")
        #expect(!again.output.contains("created"), "\(again.output)")
        try await lost.stop()
        try await fresh.stop()
    }
}
