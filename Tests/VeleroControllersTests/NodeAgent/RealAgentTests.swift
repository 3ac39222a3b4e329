import Basics
import Glibc
import KubernetesClient
import KubernetesModel
import MartletTestSupport
import NetworkTransport
import ObjectStorage
import ResticFormat
import ResticRepository
import Testing
import VeleroAPI
import VeleroControllers

/// The agent against a real API server. There is no kubelet: the test makes the pod's folder.
@Suite(.needs(.kubernetes)) struct `A node agent and a real API server` {
    private struct Server {
        let client: APIClient
        let transport: NetworkTransport
        let namespace: String

        static let clock = WallClock { Timestamp(seconds: Int64(time(nil))) }

        static func connect() async throws -> Server {
            let machine = Machine.host(environment: [:], workingFolder: "/", isInteractive: false, clock: clock)
            let choice = ClusterChoice(kubeconfig: try TestServers.address(of: .kubernetes))
            let access = try ClusterAccess(choice, on: machine)
            let transport = try NetworkTransport(ConnectionSettings(tls: access.endpoint.tls))
            let client = APIClient(
                access, transport: transport, clock: ContinuousClock(), random: { .random(in: 0 ... .max) })
            return Server(
                client: client, transport: transport, namespace: "martlet-agent-\(UInt32.random(in: 0 ... .max))")
        }

        private func kind(_ apiVersion: String, _ resource: String, _ kind: String, isNamespaced: Bool) -> ResourceKind
        {
            ResourceKind(
                groupVersion: GroupVersion(apiVersion: apiVersion), resource: resource, kind: kind,
                isNamespaced: isNamespaced)
        }

        var namespaces: ResourceKind { kind("v1", "namespaces", "Namespace", isNamespaced: false) }
        var nodes: ResourceKind { kind("v1", "nodes", "Node", isNamespaced: false) }
        var pods: ResourceKind { kind("v1", "pods", "Pod", isNamespaced: true) }

        /// The definitions, unless somebody made them; the namespace.
        func prepare() async throws {
            let definitions = kind(
                "apiextensions.k8s.io/v1", "customresourcedefinitions", "CustomResourceDefinition", isNamespaced: false)
            for (plural, name) in [
                (PodVolumeBackup.plural, PodVolumeBackup.kind), (PodVolumeRestore.plural, PodVolumeRestore.kind),
            ] {
                let json: JSONValue = [
                    "apiVersion": "apiextensions.k8s.io/v1", "kind": "CustomResourceDefinition",
                    "metadata": ["name": .string("\(plural).velero.io")],
                    "spec": [
                        "group": "velero.io", "scope": "Namespaced",
                        "names": [
                            "plural": .string(plural), "singular": .string(name.lowercased()), "kind": .string(name),
                            "listKind": .string("\(name)List"),
                        ],
                        "versions": [
                            [
                                "name": "v1", "served": true, "storage": true,
                                "schema": [
                                    "openAPIV3Schema": [
                                        "type": "object", "x-kubernetes-preserve-unknown-fields": true,
                                    ]
                                ],
                            ]
                        ],
                    ],
                ]
                do throws(APIError) {
                    _ = try await client.create(definitions, json.serialized())
                } catch {
                    if error.code != .alreadyExists { throw error }
                }
            }
            // The garbage collector removes pods of nodes that there are not.
            do throws(APIError) {
                let node: JSONValue = [
                    "apiVersion": "v1", "kind": "Node", "metadata": ["name": "martlet-agent-node"],
                ]
                _ = try await client.create(nodes, node.serialized())
            } catch {
                if error.code != .alreadyExists { throw error }
            }
            let json: JSONValue = [
                "apiVersion": "v1", "kind": "Namespace", "metadata": ["name": .string(namespace)],
            ]
            _ = try await client.create(namespaces, json.serialized())
        }

        /// Creates an object once its kind is served and its namespace ready.
        func createOnceServed(_ kind: ResourceKind, _ json: JSONValue) async throws -> APIObject {
            let clock = ContinuousClock()
            let deadline = clock.now + .seconds(60)
            while true {
                var created: RawObject?
                do throws(APIError) {
                    created = try await client.create(kind, in: namespace, json.serialized())
                } catch {
                    guard clock.now < deadline, [.unsupported, .notFound, .forbidden].contains(error.code) else {
                        throw error
                    }
                }
                if let created { return try created.decoded() }
                try await clock.sleep(for: .milliseconds(100))
            }
        }

        func close() async throws {
            try await client.delete(namespaces, namespace, options: DeleteOptions(gracePeriodSeconds: 0))
            await transport.shutdown()
        }
    }

    @Test(.timeLimit(.minutes(3))) func `work together, and a stale view is refused`() async throws {
        let server = try await Server.connect()
        try await server.prepare()
        try await withTemporaryFolder { folder in
            let pod = try await server.createOnceServed(
                server.pods,
                [
                    "apiVersion": "v1", "kind": "Pod", "metadata": ["name": "web"],
                    "spec": [
                        "nodeName": "martlet-agent-node", "automountServiceAccountToken": false,
                        "containers": [
                            [
                                "name": "main", "image": "none",
                                "volumeMounts": [["name": "files", "mountPath": "/files"]],
                            ]
                        ],
                        "volumes": [NodeScene.emptyDir("files")],
                    ],
                ])
            let uid = try #require(pod.uid)
            let volume = "\(folder)/pods/\(uid)/volumes/kubernetes.io~empty-dir/files"
            try TestFiles.makeFolder(volume)
            try TestFiles.write("hello", to: "\(volume)/greeting")
            var wanted = PodVolumeBackup(name: "a", namespace: server.namespace)
            wanted.spec.node = "martlet-agent-node"
            wanted.spec.podNamespace = server.namespace
            wanted.spec.podName = "web"
            wanted.spec.podUID = uid
            wanted.spec.volume = "files"
            wanted.spec.backupStorageLocation = "default"
            wanted.spec.tags = ["pod-uid": uid, "volume": "files"]
            let made = try await server.createOnceServed(PodVolumeBackup.resourceKind, wanted.json)

            try await work(server, NodeFolders(pods: "\(folder)/pods", root: nil))
            let done = try PodVolumeBackup(
                element: try await server.client.get(PodVolumeBackup.resourceKind, "a", in: server.namespace).decoded())
            #expect(done.phase == .completed, "\(done.status)")
            #expect(done.status.snapshotID?.count == 64)
            #expect(done.status.totalBytes == 5)
            // What the agent relies on when it takes an object over.
            let patch: JSONValue = [
                "metadata": ["resourceVersion": .string(made.resourceVersion ?? "")], "status": ["phase": "InProgress"],
            ]
            let error = await #expect(throws: APIError.self) {
                _ = try await server.client.patch(
                    PodVolumeBackup.resourceKind, "a", in: server.namespace, .merge(patch.serialized()))
            }
            #expect(error?.code == .conflict)
        }
        try await server.close()
    }

    /// Runs an agent until it has ended something.
    private func work(_ server: Server, _ folders: NodeFolders) async throws {
        let store = InMemoryObjectStore()
        let key = RepositoryKey(password: Secret("correct horse"), source: "of the test")
        var options = RepositoryOptions()
        options.keyParameters = .cheap
        let pool = RepositoryPool(
            open: { _ in OpenedLocation(store: store, repositoryPrefix: "s3:x") }, key: { key }, options: options,
            environment: NodeScene.environment)
        let worker = VolumeWorker(
            finder: PlaceFinder(client: server.client, folders: folders), repositories: pool, clock: Server.clock,
            pauses: ContinuousClock(), programVersion: "martlet test")
        let (ends, sink) = AsyncStream.makeStream(of: Void.self)
        let agent = NodeAgent(
            client: server.client, namespace: server.namespace, node: "martlet-agent-node", worker: worker,
            clock: ContinuousClock()
        ) { event in
            if case .ended = event { sink.yield() }
        }
        let task = Task { try await agent.run() }
        for await _ in ends { break }
        task.cancel()
        try await task.value
    }
}
