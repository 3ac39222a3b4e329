import Basics
import HTTPTypes
import KubernetesClient
import KubernetesModel
import MartletTestSupport
import NetworkTransport
import Testing
import Transport

/// Against a real API server. Each test works in a namespace of its own and removes it.
@Suite(.needs(.kubernetes)) struct RealClusterTests {
    private func machine() -> Machine {
        .host(
            environment: ["PATH": "/usr/local/bin:/usr/bin:/bin"], workingFolder: "/", isInteractive: false,
            clock: WallClock { Timestamp(seconds: 1_700_000_000) })
    }

    private func withClient<Result>(
        kubeconfig: String? = nil, _ body: (APIClient) async throws -> Result
    ) async throws -> Result {
        let path = try kubeconfig ?? TestServers.address(of: .kubernetes)
        let access = try ClusterAccess(ClusterChoice(kubeconfig: path), on: machine())
        return try await withNetworkTransport(ConnectionSettings(tls: access.endpoint.tls)) { transport in
            try await body(
                APIClient(access, transport: transport, clock: ContinuousClock()) { UInt64.random(in: 0 ... .max) })
        }
    }

    private func withNamespace(_ name: String, _ body: (APIClient, String) async throws -> Void) async throws {
        try await withClient { client in
            let unique = "\(name)-\(UInt32.random(in: 0 ... .max))"
            _ = try await client.create(namespaces, Array(#"{"metadata":{"name":"\#(unique)"}}"#.utf8))
            do {
                try await body(client, unique)
            } catch {
                try await client.delete(namespaces, unique)
                throw error
            }
            try await client.delete(namespaces, unique)
        }
    }

    private func configMap(_ name: String, _ data: String = "{}") -> [UInt8] {
        Array(#"{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"\#(name)"},"data":\#(data)}"#.utf8)
    }

    /// Groups of Kubernetes itself have no dot, or end so.
    private func isBuiltIn(_ resource: String) -> Bool {
        let group = GroupResource(resource).group
        return !group.contains(".") || group.hasSuffix(".k8s.io")
    }

    private let namespaces = ResourceKind(
        groupVersion: GroupVersion(group: "", version: "v1"), resource: "namespaces", kind: "Namespace",
        isNamespaced: false)

    private var folder: String? {
        TestServers.kubeconfig.map { $0.split(separator: "/").dropLast().reduce("") { "\($0)/\($1)" } }
    }

    @Test func `the server tells its version and what it offers`() async throws {
        try await withClient { client in
            let version = try await client.serverVersion()
            #expect(version.major >= 1 && version.minor >= 16 && version.gitVersion.hasPrefix("v1."))
            let discovery = try await client.discover()
            #expect(discovery.resolve("deploy")?.groupVersion.description == "apps/v1")
            #expect(discovery.resolve("po")?.subresources.contains("status") == true)
            #expect(discovery.resolve("crd")?.isNamespaced == false)
            #expect(discovery.failures.isEmpty)
            #expect(discovery.kinds.count > discovery.preferredKinds.count)
        }
    }

    /// Of the built-in kinds: other tests make and delete definitions between the two lists.
    @Test func `discovery is what kubectl says`() async throws {
        guard let kubectl = TestServers.kubectl else { return }
        let path = try TestServers.address(of: .kubernetes)
        let output = try await withTemporaryFolder { home in  // kubectl keeps a cache.
            try await PluginCommand(
                program: kubectl, arguments: ["--kubeconfig", path, "api-resources", "-o", "name", "--cached=false"],
                environment: ["PATH": "/usr/bin:/bin", "HOME": home], isInteractive: false
            ).run()
        }
        let names = output.output.reveal().split(separator: "\n").map(String.init).filter(isBuiltIn).sorted()
        try await withClient { client in
            let found = try await client.discover().preferredKinds.map(\.groupResource.description).filter(isBuiltIn)
                .sorted()
            #expect(found == names && found.count > 40)
        }
    }

    @Test func `1,700 objects are listed in pages, by label, and in all namespaces`() async throws {
        try await withNamespace("pages") { client, namespace in
            try await forEachConcurrently(0..<1_700, limit: 16) { index in
                let label = index % 17 == 0 ? #","labels":{"pick":"me"}"# : ""
                let body = #"{"metadata":{"name":"c\#(index)"\#(label)},"data":{"i":"\#(index)"}}"#
                _ = try await client.create(configMaps, in: namespace, Array(body.utf8))
            }
            let own = Set((0..<1_700).map { "c\($0)" })
            let listed = try await client.list(configMaps, in: namespace).all()
            #expect(Set(listed.map(\.name)).isSuperset(of: own))
            #expect(Set(listed.map(\.name)).count == listed.count)
            #expect(listed.allSatisfy { $0.kind == "ConfigMap" && $0.apiVersion == "v1" && $0.namespace == namespace })
            let unpaged = try await client.list(configMaps, in: namespace, options: .init(pageSize: 0)).all()
            #expect(
                Dictionary(uniqueKeysWithValues: unpaged.map { ($0.name, $0.bytes) })
                    == Dictionary(uniqueKeysWithValues: listed.map { ($0.name, $0.bytes) }))
            let picked = try await client.list(configMaps, options: .init(labelSelector: "pick=me")).all()
            #expect(picked.filter { $0.namespace == namespace }.count == 100)
            let one = try await client.list(
                configMaps, in: namespace, options: .init(fieldSelector: "metadata.name=c5")
            ).all()
            #expect(one.map(\.name) == ["c5"])
        }
    }

    @Test func `all ways to write work, and say what is wrong`() async throws {
        try await withNamespace("writes") { client, namespace in
            let created = try await client.create(configMaps, in: namespace, configMap("a", #"{"k":"1"}"#))
            var code = await #expect(throws: APIError.self) {
                try await client.create(configMaps, in: namespace, configMap("a"))
            }?.code
            #expect(code == .alreadyExists)
            var object = try created.decoded()
            object.json["data", "k"] = "2"
            _ = try await client.update(configMaps, "a", in: namespace, object.json.serialized())
            code = await #expect(throws: APIError.self) {
                try await client.update(configMaps, "a", in: namespace, object.json.serialized())
            }?.code
            #expect(code == .conflict)
            _ = try await client.patch(configMaps, "a", in: namespace, .merge(Array(#"{"data":{"m":"3"}}"#.utf8)))
            _ = try await client.patch(
                configMaps, "a", in: namespace, .json(Array(#"[{"op":"remove","path":"/data/k"}]"#.utf8)))
            _ = try await client.patch(configMaps, "a", in: namespace, .strategic(Array(#"{"data":{"s":"4"}}"#.utf8)))
            let applied = try await client.patch(
                configMaps, "a", in: namespace, .apply(configMap("a", #"{"s":"5"}"#), fieldManager: "t", force: true))
            #expect(try applied.decoded().json["data"] == ["m": "3", "s": "5"])
            code = await #expect(throws: APIError.self) {
                try await client.patch(
                    configMaps, "a", in: namespace,
                    .apply(configMap("a", #"{"s":"6"}"#), fieldManager: "u", force: false))
            }?.code
            #expect(code == .conflict)
            _ = try await client.create(configMaps, in: namespace, configMap("dry"), options: .init(isDryRun: true))
            #expect(try await client.find(configMaps, "dry", in: namespace) == nil)
            code = await #expect(throws: APIError.self) {
                try await client.delete(configMaps, "a", in: namespace, options: .init(uid: "other"))
            }?.code
            #expect(code == .conflict)
            try await client.delete(configMaps, "a", in: namespace, options: .init(uid: created.decoded().uid))
            #expect(try await client.find(configMaps, "a", in: namespace) == nil)
            code = await #expect(throws: APIError.self) {
                try await client.create(configMaps, in: namespace, configMap("Not A Name"))
            }?.code
            #expect(code == .invalid)
            let unknown = ResourceKind(
                groupVersion: GroupVersion(apiVersion: "no.such/v1"), resource: "things", kind: "Thing",
                isNamespaced: false)
            code = await #expect(throws: APIError.self) { try await client.find(unknown, "x") }?.code
            #expect(code == .unsupported)
        }
    }

    @Test func `a watch tells of what happens`() async throws {
        try await withNamespace("watch") { client, namespace in
            _ = try await client.create(configMaps, in: namespace, configMap("first"))
            var words: [String] = []
            for try await event in client.watch(
                configMaps, in: namespace, options: .init(fieldSelector: "metadata.name!=kube-root-ca.crt"))
            {
                words.append(event.word)
                switch event {
                case .listed: _ = try await client.create(configMaps, in: namespace, configMap("second"))
                case .changed: try await client.delete(configMaps, "second", in: namespace)
                default: break
                }
                if case .deleted = event { break }
            }
            #expect(words == ["relisting", "existing first", "listed", "changed second", "deleted second"])
        }
    }

    @Test func `numbers and unknown fields come back as they were sent`() async throws {
        try await withClient { client in
            let group = "n\(UInt32.random(in: 0 ... .max)).test"
            let definition = #"""
                {"metadata":{"name":"numbers.\#(group)"},"spec":{"group":"\#(group)","scope":"Cluster",
                 "names":{"plural":"numbers","kind":"Number"},"versions":[{"name":"v1","served":true,"storage":true,
                 "schema":{"openAPIV3Schema":{"type":"object","x-kubernetes-preserve-unknown-fields":true}}}]}}
                """#
            let definitions = try #require(await client.discover().resolve("crd"))
            _ = try await client.create(definitions, Array(definition.utf8))
            let numbers = ResourceKind(
                groupVersion: GroupVersion(group: group, version: "v1"), resource: "numbers", kind: "Number",
                isNamespaced: false)
            let sent =
                #"{"apiVersion":"\#(group)/v1","kind":"Number","metadata":{"name":"a"},"spec":{"one":1.0,"many":1e3,"big":9223372036854775807,"deep":{"x":[1.5,null,"1.0"]}}}"#
            var created: RawObject?
            for _ in 0..<200 where created == nil {  // The new kind is served a moment later.
                do throws(APIError) {
                    created = try await client.create(numbers, Array(sent.utf8))
                } catch {
                    guard error.code == .unsupported else { throw error }
                    try await Task.sleep(for: .milliseconds(50))
                }
            }
            let listed = try await client.list(numbers).all()
            #expect(listed.count == 1)
            let one = try await client.get(numbers, "a")
            #expect(listed.first?.bytes == one.bytes)
            #expect(try one.decoded().json["spec", "big"] == .number(JSONNumber(9_223_372_036_854_775_807)))
            // The bytes of get and list are the server's own: no number changes its spelling on this side.
            #expect(try one.decoded().json["spec"] == created?.decoded().json["spec"])
            try await client.delete(definitions, "numbers.\(group)")
        }
    }

    @Test func `a client certificate is accepted`() async throws {
        try await withClient(kubeconfig: "\(folder ?? "")/certificate-user.kubeconfig") { client in
            let version = try await client.serverVersion()
            #expect(version.major == 1)
            let found = try await client.list(namespaces).all()
            #expect(!found.isEmpty)
        }
    }

    @Test func `who may not read is told so`() async throws {
        try await withClient(kubeconfig: "\(folder ?? "")/reader.kubeconfig") { client in
            let error = await #expect(throws: APIError.self) { try await client.list(secrets).all() }
            #expect(error?.code == .forbidden)
            #expect(error?.message.contains("secrets") == true)
            let found = try await client.list(namespaces).all()
            #expect(!found.isEmpty)
        }
    }

    @Test func `an unknown authority is told with what to do`() async throws {
        let access = try ClusterAccess(ClusterChoice(kubeconfig: TestServers.address(of: .kubernetes)), on: machine())
        try await withNetworkTransport { transport in
            let client = APIClient(
                access, transport: transport, policy: .never, clock: ContinuousClock()
            ) { 0 }
            let error = await #expect(throws: APIError.self) { try await client.serverVersion() }
            #expect(error?.code == .configuration)
            #expect(error?.message.contains("authority") == true)
        }
    }
}
