import Basics
import KubernetesClient
import KubernetesModel
import Synchronization
import Testing
import Transport

/// A machine made of a dictionary of files.
func machine(
    _ files: [String: String], environment: [String: String] = [:], isInteractive: Bool = false,
    now: @escaping @Sendable () -> Timestamp = { Timestamp(seconds: 1_000) },
    plugin: @escaping @Sendable (PluginCommand) async throws -> PluginOutput = { _ in
        PluginOutput(exitCode: 127, output: Secret(""), errors: "no plug-in")
    }
) -> Machine {
    Machine(
        environment: environment, homeFolder: "/home/me", workingFolder: "/work", isInteractive: isInteractive,
        clock: WallClock(now: now), readFile: { path in files[path].map { Array($0.utf8) } }, runPlugin: plugin)
}

private let simple = """
    apiVersion: v1
    kind: Config
    current-context: one
    clusters:
    - name: c1
      cluster: {server: "https://one.test:6443", certificate-authority: pki/ca.crt, tls-server-name: api.test, proxy-url: "http://proxy.test:3128"}
    - name: c2
      cluster:
        server: https://two.test/k8s/clusters/c-1/
        insecure-skip-tls-verify: true
        certificate-authority-data: ""
    users:
    - name: u1
      user: {token: s3cret-token}
    - name: u2
      user: {username: jane, password: s3cret-password, as: boss, as-groups: [a, b], as-user-extra: {k: [v]}}
    - name: u3
      user: {client-certificate-data: Y2VydA==, client-key: keys/u3.key}
    contexts:
    - name: one
      context: {cluster: c1, user: u1, namespace: web}
    - name: two
      context: {cluster: c2, user: u2}
    - name: three
      context: {cluster: c2, user: u3}
    - name: broken
      context: {cluster: gone, user: u1}
    """

@Suite struct KubeconfigTests {
    @Test func `the default file is read, and its paths are relative to it`() async throws {
        let access = try ClusterAccess(ClusterChoice(), on: machine(["/home/me/.kube/config": simple]))
        #expect(access.endpoint.authority.description == "one.test:6443")
        #expect(access.endpoint.tls.authorities == [.file("/home/me/.kube/pki/ca.crt")])
        #expect(access.endpoint.tls.serverName == "api.test")
        #expect(access.endpoint.proxy == ProxyEndpoint("http://proxy.test:3128"))
        #expect(access.endpoint.namespace == "web")
        #expect(access.name == "one")
        #expect(try await access.credentials.credential().authorization?.reveal() == "Bearer s3cret-token")
    }

    @Test func `flags win over the file`() async throws {
        let choice = ClusterChoice(
            kubeconfig: "conf", context: "two", namespace: "other", token: Secret("flag"),
            impersonation: .init(user: "me"))
        let access = try ClusterAccess(choice, on: machine(["/work/conf": simple]))
        #expect(access.endpoint.authority.host == "two.test")
        #expect(access.endpoint.basePath == "/k8s/clusters/c-1")
        #expect(access.endpoint.tls.verification == .none)
        #expect(access.endpoint.namespace == "other")
        #expect(access.impersonation == Impersonation(user: "me"))
        #expect(try await access.credentials.credential().authorization?.reveal() == "Bearer flag")
    }

    @Test func `passwords, impersonation and client certificates are read`() async throws {
        let files = ["/work/conf": simple, "/work/keys/u3.key": "key"]
        let two = try ClusterAccess(ClusterChoice(kubeconfig: "conf", context: "two"), on: machine(files))
        #expect(
            try await two.credentials.credential().authorization?.reveal()
                == "Basic " + Base64.encode(Array("jane:s3cret-password".utf8)))
        #expect(two.impersonation == Impersonation(user: "boss", groups: ["a", "b"], extra: ["k": ["v"]]))
        let three = try ClusterAccess(ClusterChoice(kubeconfig: "conf", context: "three"), on: machine(files))
        #expect(three.endpoint.tls.identity == ClientIdentity(certificate: "cert", key: Secret("key")))
    }

    @Test func `of several files the first to name something wins, and missing ones are skipped`() throws {
        let first = """
            clusters: [{name: c1, cluster: {server: "https://first.test"}}]
            contexts: [{name: mine, context: {cluster: c1, user: u1}}]
            """
        let files = ["/a": first, "/work/b": simple]
        let environment = ["KUBECONFIG": "/a::/missing:b:/a"]
        let access = try ClusterAccess(ClusterChoice(), on: machine(files, environment: environment))
        #expect(access.endpoint.authority.host == "first.test")
        #expect(access.endpoint.tls.authorities.isEmpty)  // The whole entry wins, not field by field.
        #expect(access.name == "one")
        let mine = try ClusterAccess(ClusterChoice(context: "mine"), on: machine(files, environment: environment))
        #expect(mine.endpoint.authority.host == "first.test")
    }

    @Test func `JSON is read as well`() throws {
        let json =
            #"{"clusters":[{"name":"c","cluster":{"server":"https://j.test"}}],"contexts":[{"name":"x","context":{"cluster":"c"}}],"current-context":"x"}"#
        #expect(
            try ClusterAccess(ClusterChoice(), on: machine(["/home/me/.kube/config": json])).endpoint.authority.host
                == "j.test")
    }

    @Test(arguments: [
        (ClusterChoice(context: "nowhere"), "nowhere"), (ClusterChoice(context: "broken"), "gone"),
        (ClusterChoice(kubeconfig: "missing"), "/work/missing"), (ClusterChoice(context: "three"), "keys/u3.key"),
    ])
    func `an error names what is wrong and where`(choice: ClusterChoice, word: String) {
        let error = #expect(throws: APIError.self) {
            try ClusterAccess(choice, on: machine(["/home/me/.kube/config": simple]))
        }
        #expect(error?.code == .configuration)
        #expect(error?.message.contains(word) == true)
    }

    @Test(arguments: [
        "clusters: [", "clusters: 7", "- a", "kind: Pod", "a: &x b\ntoken: s3cret-token\n  bad: [",
        "users: [{name: u, user: {token: s3cret-token, username: x}}]\ncontexts: [{name: c, context: {cluster: c, user: u}}]\ncurrent-context: c\nclusters: [{name: c, cluster: {server: a}}]",
        "users: [{name: u, user: {auth-provider: {name: gcp}}}]\ncontexts: [{name: c, context: {cluster: c, user: u}}]\ncurrent-context: c\nclusters: [{name: c, cluster: {server: a}}]",
        "contexts: [{name: c, context: {cluster: c}}]\ncurrent-context: c\nclusters: [{name: c, cluster: {server: 'https://'}}]",
        "contexts: [{name: c, context: {cluster: c}}]\ncurrent-context: c\nclusters: [{name: c, cluster: {server: a, certificate-authority-data: '%%%'}}]",
        "contexts: [{name: c, context: {cluster: c}}]\ncurrent-context: c\nclusters: [{name: c, cluster: {server: a, certificate-authority: x, insecure-skip-tls-verify: true}}]",
        "contexts: [{name: c, context: {cluster: c}}]\nclusters: [{name: c, cluster: {server: a}}]",
    ])
    func `unusable files are refused without showing a secret`(text: String) {
        let error = #expect(throws: APIError.self) {
            try ClusterAccess(ClusterChoice(), on: machine(["/home/me/.kube/config": text]))
        }
        #expect(error?.code == .configuration)
        #expect("\(String(describing: error)) \(String(reflecting: error))".contains("s3cret") == false)
    }

    @Test func `without any file the pod's service account is used`() async throws {
        let folder = "/var/run/secrets/kubernetes.io/serviceaccount"
        let files = ["\(folder)/token": "tok\n", "\(folder)/ca.crt": "PEM", "\(folder)/namespace": "velero"]
        let environment = ["KUBERNETES_SERVICE_HOST": "fd00::1", "KUBERNETES_SERVICE_PORT": "443"]
        let access = try ClusterAccess(ClusterChoice(), on: machine(files, environment: environment))
        #expect(access.endpoint.authority.description == "[fd00::1]:443")
        #expect(access.endpoint.tls.authorities == [.text("PEM")])
        #expect(access.endpoint.namespace == "velero")
        #expect(access.name == "in-cluster")
        #expect(try await access.credentials.credential().authorization?.reveal() == "Bearer tok")
        let error = #expect(throws: APIError.self) { try ClusterAccess(ClusterChoice(), on: machine([:])) }
        #expect(error?.message.contains("KUBECONFIG") == true)
    }

    @Test func `a token file is read again after a while and after a refusal`() async throws {
        let now = Mutex(Timestamp(seconds: 0))
        let token = Mutex("one")
        var host = machine([:], now: { now.withLock { $0 } })
        host.readFile = { path in
            path == "/t"
                ? token.withLock { Array($0.utf8) }
                : path == "/k"
                    ? Array(
                        """
                        current-context: c
                        clusters: [{name: c, cluster: {server: "https://a"}}]
                        users: [{name: u, user: {tokenFile: /t}}]
                        contexts: [{name: c, context: {cluster: c, user: u}}]
                        """.utf8) : nil
        }
        let credentials = try ClusterAccess(ClusterChoice(kubeconfig: "/k"), on: host).credentials
        func current() async throws -> String? { try await credentials.credential().authorization?.reveal() }
        #expect(try await current() == "Bearer one")
        token.withLock { $0 = "two" }
        #expect(try await current() == "Bearer one")
        now.withLock { $0 = Timestamp(seconds: 11) }
        #expect(try await current() == "Bearer two")
        let used = try await credentials.credential()
        #expect(try await credentials.refused(used) == false)
        token.withLock { $0 = "three" }
        #expect(try await credentials.refused(used))
        #expect(try await current() == "Bearer three")
    }
}
