import Basics
import KubernetesClient
import KubernetesModel
import Synchronization
import Testing
import Transport

private func config(_ exec: String) -> String {
    """
    current-context: c
    clusters:
    - name: c
      cluster:
        server: https://a.test:6443
        certificate-authority-data: Q0E=
        extensions: [{name: client.authentication.k8s.io/exec, extension: {audience: x, level: 3}}]
    users: [{name: u, user: {exec: \(exec)}}]
    contexts: [{name: c, context: {cluster: c, user: u}}]
    """
}

private let plain = config(
    "{apiVersion: client.authentication.k8s.io/v1, command: ./login, args: [a, b], env: [{name: MODE, value: fast}], provideClusterInfo: true, interactiveMode: IfAvailable, installHint: get it}"
)

/// Counts how often it is run and prints a token with the number.
private final class Plugin: Sendable {
    let runs = Mutex<[PluginCommand]>([])
    let expiry: String

    init(expiry: String = "") { self.expiry = expiry }

    func run(_ command: PluginCommand) -> PluginOutput {
        let number = runs.withLock { runs in
            runs.append(command)
            return runs.count
        }
        let status = #"{"token":"t\#(number)"\#(expiry.isEmpty ? "" : #","expirationTimestamp":"\#(expiry)""#)}"#
        return PluginOutput(
            exitCode: 0,
            output: Secret(
                #"{"apiVersion":"client.authentication.k8s.io/v1","kind":"ExecCredential","status":\#(status)}"#),
            errors: "")
    }
}

@Suite struct ExecCredentialTests {
    private func credentials(_ text: String, on host: Machine) throws -> any CredentialSource {
        var host = host
        host.readFile = { $0 == "/conf/k" ? Array(text.utf8) : nil }
        return try ClusterAccess(ClusterChoice(kubeconfig: "/conf/k"), on: host).credentials
    }

    private func token(_ source: any CredentialSource) async throws -> String? {
        try await source.credential().authorization?.reveal()
    }

    @Test func `the program is run once, with what it wants to know`() async throws {
        let plugin = Plugin()
        let source = try credentials(plain, on: machine([:], environment: ["PATH": "/bin"], plugin: { plugin.run($0) }))
        #expect(plugin.runs.withLock { $0.isEmpty })
        #expect(try await token(source) == "Bearer t1")
        #expect(try await token(source) == "Bearer t1")
        let runs = plugin.runs.withLock { $0 }
        #expect(runs.count == 1)
        #expect(runs[0].program == "/conf/./login")
        #expect(runs[0].arguments == ["a", "b"])
        #expect(runs[0].environment["PATH"] == "/bin" && runs[0].environment["MODE"] == "fast")
        let info = try JSONValue(parsing: runs[0].environment["KUBERNETES_EXEC_INFO"] ?? "")
        let expected: JSONValue = [
            "apiVersion": "client.authentication.k8s.io/v1", "kind": "ExecCredential",
            "spec": [
                "interactive": false,
                "cluster": [
                    "server": "https://a.test:6443", "certificate-authority-data": "Q0E=",
                    "config": ["audience": "x", "level": 3],
                ],
            ],
        ]
        #expect(info == expected)
    }

    @Test func `many callers at once wait for one run`() async throws {
        let plugin = Plugin()
        let source = try credentials(
            plain,
            on: machine(
                [:],
                plugin: { command in
                    for _ in 0..<100 { await Task.yield() }
                    return plugin.run(command)
                }))
        try await withThrowingTaskGroup(of: String?.self) { group in
            for _ in 0..<32 { group.addTask { try await token(source) } }
            for try await result in group { #expect(result == "Bearer t1") }
        }
        #expect(plugin.runs.withLock { $0.count } == 1)
    }

    @Test func `it is run again when the token expires or is refused`() async throws {
        let now = Mutex(Timestamp(seconds: 0))
        let plugin = Plugin(expiry: "1970-01-01T00:10:00Z")
        let source = try credentials(plain, on: machine([:], now: { now.withLock { $0 } }, plugin: { plugin.run($0) }))
        let first = try await source.credential()
        now.withLock { $0 = Timestamp(seconds: 599) }
        #expect(try await source.credential() == first)
        #expect(try await source.refused(first))
        #expect(try await token(source) == "Bearer t2")
        // Another request that was sent with the first token is refused late: the second token serves it.
        #expect(try await source.refused(first))
        #expect(try await token(source) == "Bearer t2")
        now.withLock { $0 = Timestamp(seconds: 600) }
        #expect(try await token(source) == "Bearer t3")
    }

    @Test func `a client certificate is handed on`() async throws {
        let output =
            #"{"apiVersion":"client.authentication.k8s.io/v1","kind":"ExecCredential","status":{"clientCertificateData":"C","clientKeyData":"K"}}"#
        let source = try credentials(
            plain, on: machine([:], plugin: { _ in PluginOutput(exitCode: 0, output: Secret(output), errors: "") }))
        let credential = try await source.credential()
        #expect(credential.identity == ClientIdentity(certificate: "C", key: Secret("K")))
        #expect(credential.authorization == nil)
    }

    @Test(arguments: [
        #"not json s3cret"#, #"{"kind":"ExecCredential","apiVersion":"v9","status":{"token":"s3cret"}}"#,
        #"{"kind":"ExecCredential","apiVersion":"client.authentication.k8s.io/v1","status":{}}"#,
        #"{"kind":"ExecCredential","apiVersion":"client.authentication.k8s.io/v1","status":{"clientKeyData":"s3cret"}}"#,
        #"{"kind":"ExecCredential","apiVersion":"client.authentication.k8s.io/v1","status":{"token":"s3cret","expirationTimestamp":"soon"}}"#,
    ])
    func `useless output is refused and not repeated`(output: String) async throws {
        let source = try credentials(
            plain, on: machine([:], plugin: { _ in PluginOutput(exitCode: 0, output: Secret(output), errors: "") }))
        let error = await #expect(throws: APIError.self) { try await source.credential() }
        #expect(error?.code == .configuration)
        #expect(String(reflecting: error).contains("s3cret") == false)
    }

    @Test func `a failure shows what the program said to people, and nothing of its output`() async throws {
        let source = try credentials(
            plain,
            on: machine(
                [:],
                plugin: { _ in PluginOutput(exitCode: 3, output: Secret("s3cret"), errors: "log in\nfirst\n") }))
        let error = await #expect(throws: APIError.self) { try await source.credential() }
        #expect(error?.message.hasSuffix("failed with exit code 3: log in first") == true)
        #expect(String(reflecting: error).contains("s3cret") == false)
    }

    @Test(arguments: [
        "{apiVersion: client.authentication.k8s.io/v1alpha1, command: x}",
        "{apiVersion: client.authentication.k8s.io/v1}",
        "{apiVersion: client.authentication.k8s.io/v1, command: x, interactiveMode: Always}",
        "{apiVersion: client.authentication.k8s.io/v1, command: x, interactiveMode: Sometimes}",
    ])
    func `what cannot work is refused before anything is run`(exec: String) {
        let error = #expect(throws: APIError.self) { try credentials(config(exec), on: machine([:])) }
        #expect(error?.code == .configuration)
    }

    @Test func `a real program is run, with bounded output and its own environment`() async throws {
        let command = PluginCommand(
            program: "sh", arguments: ["-c", "printf %s \"$GREETING\"; printf oops >&2; exit 4"],
            environment: ["PATH": "/usr/bin:/bin", "GREETING": "hello"], isInteractive: false)
        let output = try await command.run()
        #expect(output.exitCode == 4)
        #expect(output.output.reveal() == "hello")
        #expect(output.errors == "oops")
        let flood = PluginCommand(
            program: "/bin/sh", arguments: ["-c", "yes | head -c 3000000"], environment: ["PATH": "/usr/bin:/bin"],
            isInteractive: false)
        await #expect(throws: (any Error).self) { try await flood.run() }
        let missing = PluginCommand(
            program: "martlet-no-such-program", arguments: [], environment: ["PATH": "/usr/bin"], isInteractive: false)
        await #expect(throws: (any Error).self) { try await missing.run() }
    }
}
