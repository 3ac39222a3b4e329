import Basics
import ClusterBackup
import Glibc
import KubernetesClient
import KubernetesModel
import MartletTestSupport
import NetworkTransport
import VeleroAPI

/// The real API server that tests use, and what they do with it beside what the product does.
struct RealCluster {
    let client: APIClient
    let discovery: Discovery

    private let transport: NetworkTransport

    /// To be followed by `close()`.
    static func connect() async throws -> RealCluster {
        let path = try TestServers.address(of: .kubernetes)
        let machine = Machine.host(
            environment: [:], workingFolder: "/", isInteractive: false, clock: RealCluster.wallClock)
        let access = try ClusterAccess(ClusterChoice(kubeconfig: path), on: machine)
        let random = SharedRandom(seed: 11)
        let transport = try NetworkTransport(ConnectionSettings(tls: access.endpoint.tls))
        let client = APIClient(
            access, transport: transport, clock: ContinuousClock(), random: { random.next() })
        return RealCluster(client: client, discovery: try await client.discover(), transport: transport)
    }

    func close() async { await transport.shutdown() }

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

    /// As `create`, but patient with what a new definition, namespace or service account needs to take effect; nil if the
    /// object is there already.
    func createOnceServed(_ object: APIObject, _ place: ObjectReference) async throws -> APIObject? {
        let clock = ContinuousClock()
        let deadline = clock.now + .seconds(60)
        while clock.now < deadline {
            do {
                return try await create(object)
            } catch let error as APIError {
                if error.code == .alreadyExists { return nil }
                guard [.unsupported, .notFound, .forbidden].contains(error.code) else { throw error }
            }
            try await clock.sleep(for: .milliseconds(100))
        }
        throw TimeIsOver(what: "\(place) can be created")
    }

    func find(_ reference: ObjectReference) async throws -> APIObject? {
        guard let kind = try await client.discover().kind(reference.resource) else { return nil }
        return try await client.find(kind, reference.name, in: reference.namespace)?.decoded()
    }

    /// Deletes an object, without its finalizers' consent if need be, and waits until it is gone.
    func remove(_ reference: ObjectReference) async throws {
        guard let kind = try await client.discover().kind(reference.resource) else { return }
        try await delete(kind, reference)
        let clock = ContinuousClock()
        let deadline = clock.now + .seconds(60)
        while clock.now < deadline {
            guard let left = try await client.find(kind, reference.name, in: reference.namespace) else { return }
            if left.isBeingDeleted { try await dropFinalizers(kind, reference) }
            try await clock.sleep(for: .milliseconds(100))
        }
        throw TimeIsOver(what: "\(reference) is gone")
    }

    private func delete(_ kind: ResourceKind, _ reference: ObjectReference) async throws {
        do throws(APIError) {
            try await client.delete(
                kind, reference.name, in: reference.namespace, options: DeleteOptions(gracePeriodSeconds: 0))
        } catch {
            if error.code != .notFound { throw error }
        }
    }

    /// Protection finalizers are taken off by controllers that look at pods, which never run here.
    private func dropFinalizers(_ kind: ResourceKind, _ reference: ObjectReference) async throws {
        guard reference.resource.resource.hasPrefix("persistentvolume") else { return }
        let patch: JSONValue = ["metadata": ["finalizers": .null]]
        do throws(APIError) {
            _ = try await client.patch(kind, reference.name, in: reference.namespace, .merge(patch.serialized()))
        } catch {
            if error.code != .notFound { throw error }  // It may be gone by now.
        }
    }

    /// Asks for the kinds until that of an object is among them, a minute at most.
    func awaitKind(of object: APIObject) async throws {
        let clock = ContinuousClock()
        let deadline = clock.now + .seconds(60)
        while try await kind(of: object) == nil {
            guard clock.now < deadline else { throw TimeIsOver(what: "\(object.kind) is served") }
            try await clock.sleep(for: .milliseconds(100))
        }
    }

    struct TimeIsOver: Error, CustomStringConvertible {
        let what: String
        var description: String { "waited a minute in vain until \(what)" }
    }
}
