import Basics
import ClusterBackup
import Glibc
import KubernetesClient
import KubernetesModel
import MartletTestSupport
import NetworkTransport
import Synchronization
import VeleroAPI

/// The real API server that tests use, and what they do with it beside what the product does.
struct RealCluster {
    let client: APIClient
    let discovery: Discovery

    static func with(_ body: (RealCluster) async throws -> Void) async throws {
        let path = try TestServers.address(of: .kubernetes)
        let machine = Machine.host(
            environment: [:], workingFolder: "/", isInteractive: false, clock: RealCluster.wallClock)
        let access = try ClusterAccess(ClusterChoice(kubeconfig: path), on: machine)
        let random = Mutex(SeededGenerator(seed: 11))
        try await withNetworkTransport(ConnectionSettings(tls: access.endpoint.tls)) { transport in
            let client = APIClient(
                access, transport: transport, clock: ContinuousClock(), random: { random.withLock { $0.next() } })
            try await body(RealCluster(client: client, discovery: try await client.discover()))
        }
    }

    /// The real time: what the server writes is compared with nothing, but leases and logs want to make sense.
    static let wallClock = WallClock { Timestamp(seconds: Int64(time(nil))) }

    /// The kind of an object by its `apiVersion` and `kind`, asked for anew if it is not known yet.
    func kind(of object: APIObject) async throws -> ResourceKind? {
        if let kind = discovery.kind(of: object.groupVersion, object.kind) { return kind }
        return try await client.discover().kind(of: object.groupVersion, object.kind)
    }

    /// Creates an object and returns it as the server has it; nil if the server does not serve its version.
    func create(_ object: APIObject) async throws -> APIObject? {
        guard let kind = try await kind(of: object) else { return nil }
        return try await client.create(kind, in: object.namespace, object.json.serialized()).decoded()
    }

    func find(_ reference: ObjectReference) async throws -> APIObject? {
        guard let kind = try await client.discover().kind(reference.resource) else { return nil }
        return try await client.find(kind, reference.name, in: reference.namespace)?.decoded()
    }

    /// Deletes an object, without its finalizers' consent if need be, and waits until it is gone.
    func remove(_ reference: ObjectReference) async throws {
        guard let kind = try await client.discover().kind(reference.resource) else { return }
        do {
            try await client.delete(
                kind, reference.name, in: reference.namespace, options: DeleteOptions(gracePeriodSeconds: 0))
        } catch  where error.code == .notFound {
            return
        }
        try await waitUntil("\(reference) is gone") {
            guard let left = try await client.find(kind, reference.name, in: reference.namespace) else { return true }
            if left.isBeingDeleted, reference.resource.resource.hasPrefix("persistentvolume") {
                // Protection finalizers are taken off by controllers that look at pods, which never run here.
                let patch: JSONValue = ["metadata": ["finalizers": nil]]
                _ = try await client.patch(
                    kind, reference.name, in: reference.namespace, .merge(patch.serialized()))
            }
            return false
        }
    }

    /// Asks until it is so, a minute at most.
    func waitUntil(_ what: String, _ condition: () async throws -> Bool) async throws {
        let clock = ContinuousClock()
        let deadline = clock.now + .seconds(60)
        while clock.now < deadline {
            if try await condition() { return }
            try await clock.sleep(for: .milliseconds(100))
        }
        throw TimeIsOver(what: what)
    }

    struct TimeIsOver: Error, CustomStringConvertible {
        let what: String
        var description: String { "waited a minute in vain until \(what)" }
    }
}
