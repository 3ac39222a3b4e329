import FoundationEssentials
import MartletTestSupport
import Testing

@Suite struct `The exit status of the program` {
    /// A port that nothing listens on: 1 is reserved for a service that is long gone.
    private static let deadCluster = """
        {"apiVersion": "v1", "kind": "Config", "current-context": "dead",
         "contexts": [{"name": "dead", "context": {"cluster": "dead"}}],
         "clusters": [{"name": "dead", "cluster": {"server": "http://127.0.0.1:1"}}]}
        """

    @Test func `is 0 for help and version`() async throws {
        #expect(try await MartletProcess().run("--help").status == 0)
        #expect(try await MartletProcess().run("version").output.hasPrefix("martlet "))
    }

    @Test(arguments: [
        ["bakcup"], ["backup", "create", "x"], ["backup", "get"], ["backup", "get", "--from", "s3://a:b@c"],
    ])
    func `is 2 for a wrong command line`(arguments: [String]) async throws {
        let outcome = try await MartletProcess().run(arguments)
        #expect(outcome.status == 2)
        #expect(outcome.output == "")
        #expect(outcome.messages.hasPrefix("error: "))
    }

    @Test func `is 2 for a kubeconfig that does not exist`() async throws {
        let folder = try ScratchFolder()
        let outcome = try await MartletProcess().run(
            "backup", "create", "x", "--direct", "--to", folder.path, "--kubeconfig", "/nonexistent/config")
        #expect(outcome.status == 2, "\(outcome.messages)")
        #expect(outcome.messages.contains("/nonexistent/config"))
    }

    @Test(.timeLimit(.minutes(1))) func `is 4 for a cluster that does not answer, and nothing is left`() async throws {
        let folder = try ScratchFolder()
        let kubeconfig = "\(folder.path)/config"
        try Self.deadCluster.write(toFile: kubeconfig, atomically: true, encoding: .utf8)
        let store = "\(folder.path)/store"
        let outcome = try await MartletProcess().run(
            "backup", "create", "x", "--direct", "--to", store, "--kubeconfig", kubeconfig)
        #expect(outcome.status == 4, "\(outcome.messages)")
        #expect(outcome.messages.contains("127.0.0.1:1"))
        #expect(outcome.messages.contains("try: "))
        #expect(folder.contents("store") == [])
    }

    @Test(.timeLimit(.minutes(1))) func `is 4 for a store that does not answer`() async throws {
        let keys = ["AWS_ACCESS_KEY_ID": "anybody", "AWS_SECRET_ACCESS_KEY": "hunter2"]
        let outcome = try await MartletProcess(keys).run(
            "backup", "get", "--from", "s3://bucket?endpoint=http://127.0.0.1:1")
        #expect(outcome.status == 4, "\(outcome.messages)")
        #expect(!outcome.text.contains("hunter2"))
    }

    @Test func `is 5 for a backup, a restore and a folder that do not exist`() async throws {
        let folder = try ScratchFolder()
        for arguments in [
            ["backup", "get", "nightly"], ["backup", "describe", "nightly"], ["backup", "logs", "nightly"],
            ["backup", "download", "nightly"], ["backup", "delete", "nightly", "--yes"],
            ["backup", "extract", "nightly", "\(folder.path)/out"], ["restore", "describe", "nightly"],
            ["restore", "logs", "nightly"], ["restore", "get", "nightly"],
        ] {
            let outcome = try await MartletProcess().run(arguments + ["--from", folder.path])
            #expect(outcome.status == 5, "\(arguments): \(outcome.messages)")
        }
        let outcome = try await MartletProcess().run("backup", "get", "--from", "\(folder.path)/missing")
        #expect(outcome.status == 5, "\(outcome.messages)")
        #expect(folder.contents() == [])
    }

    @Test func `is 2 for credentials that nobody gave`() async throws {
        let outcome = try await MartletProcess().run(
            "backup", "get", "--from", "s3://bucket?endpoint=http://127.0.0.1:1")
        #expect(outcome.status == 2, "\(outcome.messages)")
        #expect(outcome.messages.contains("AWS_ACCESS_KEY_ID"))
    }
}
