import Basics
import Glibc
import MartletTestSupport
import NetworkTransport
import ObjectStorage
import S3
import Synchronization
import Testing
import Transport

@Suite(.serialized) struct `S3 keeps the promise of object stores` {
    @Test(
        .needs(.seaweedFS), arguments: ObjectStoreCheck.all)
    func `on SeaweedFS`(check: ObjectStoreCheck) async throws {
        try await Server.seaweedFS.run(check)
    }

    @Test(
        .needs(.tls), arguments: ObjectStoreCheck.all)
    func `on SeaweedFS over TLS with an authority of our own`(check: ObjectStoreCheck) async throws {
        try await Server.tls.run(check)
    }

    @Test(arguments: ObjectStoreCheck.all)
    func `on the server of these tests`(check: ObjectStoreCheck) async throws {
        try await withS3TestServer { server in
            server.makeBucket("bucket")
            try await withNetworkTransport { transport in
                let store = try S3ObjectStore(
                    .toTestServer(server, bucket: "bucket"), transport: transport, clock: .ofTheMachine)
                let limits = StoreLimits { limits in
                    limits.refusedKeys = [.dotSegment, .dotDotSegment, .dotDotFirst, .dotDotOnly]
                    limits.tagsAreDigests = true
                }
                try await check.run(on: store, limits: limits)
            }
        }
    }

    @Test(.needs(.moto), arguments: ObjectStoreCheck.all)
    func `on moto`(check: ObjectStoreCheck) async throws {
        try await Server.moto.run(check)
    }

    @Test(
        .needs(.rclone), arguments: ObjectStoreCheck.all)
    func `on rclone serve s3`(check: ObjectStoreCheck) async throws {
        try await Server.rclone.run(check)
    }
}

/// A server, and what is known of it.
enum Server {
    case seaweedFS
    case tls
    case moto
    case rclone

    func run(_ check: ObjectStoreCheck) async throws {
        try await withNetworkTransport(settings) { transport in
            let store = try await makeStore(transport)
            do {
                try await check.run(on: store, limits: limits)
            } catch {
                await remove(store)
                throw error
            }
            await remove(store)
        }
    }

    /// A bucket costs SeaweedFS volumes, of which it has few: without this it answers 500 after a hundred checks.
    private func remove(_ store: S3ObjectStore) async {
        do {
            // A server that lists what it cannot delete ends this, not another listing.
            for _ in 0..<10 {
                let keys = try await store.list(ListRequest()).objects.map(\.key)
                guard !keys.isEmpty, try await store.delete(keys).isEmpty else { break }
            }
            try await store.deleteBucket()
        } catch {
            // Not what the check is about: a server that mangled a key may refuse, and is thrown away after the run.
        }
    }

    /// A store in a bucket of its own.
    func makeStore(_ transport: any HTTPTransport) async throws -> S3ObjectStore {
        let store = try S3ObjectStore(
            try configuration(bucket: Server.freshName()), transport: transport, clock: .ofTheMachine)
        try await store.createBucket()
        return store
    }

    func configuration(bucket: String) throws -> S3Configuration {
        S3Configuration(
            bucket: bucket, endpoint: try TestServers.address(of: server),
            credentials: S3Credentials(accessKey: TestServers.s3AccessKey, secretKey: Secret(TestServers.s3SecretKey)))
    }

    var settings: ConnectionSettings {
        var settings = ConnectionSettings()
        if self == .tls, let path = TestServers.tlsAuthority { settings.tls.authorities = [.file(path)] }
        return settings
    }

    private var server: TestServer {
        switch self {
        case .seaweedFS: .seaweedFS
        case .tls: .tls
        case .moto: .moto
        case .rclone: .rclone
        }
    }

    var limits: StoreLimits {
        StoreLimits { limits in
            limits.refusedKeys = [.dotSegment, .dotDotSegment, .dotDotFirst, .dotDotOnly]
            switch self {
            case .seaweedFS, .tls:
                limits.refusedKeys.insert(.longName)
                limits.mangledKeys = [.backslash, .doubleSlash, .leadingSlash, .onlySlash, .trailingSlash]
                limits.listsByFolder = true
                limits.repeatsOtherDelimiters = true
            case .moto:
                limits.refusedKeys.insert(.newline)
                limits.losesRaces = true
                // It lists markers apart from versions, and gives a part another tag than the object.
                limits.keepsNoVersions = true
                limits.forgetsParts = true
            case .rclone:
                limits.refusedKeys.formUnion([.doubleSlash, .leadingSlash, .onlySlash])
                limits.mangledKeys = [.trailingSlash, .longName]
                limits.ignoresConditions = true
                limits.takesSmallParts = true
                limits.takesPartsInOrderOnly = true
                limits.refusesKeyBesidePrefix = true
                // Plain files: a file `c` replaces the folder `c` with all that is in it.
                limits.destroysKeyBesidePrefix = true
                limits.foldsOnlyAtSlashes = true
                limits.racesForFolders = true
                limits.losesTags = true
                limits.keepsNoVersions = true
                limits.forgetsParts = true
                limits.copiesLoseMetadata = true
                limits.forgetsBuckets = true
                limits.losesRaces = true
            }
        }
    }

    /// Names of this process, so that no two tests meet in a bucket.
    private static func freshName() -> String {
        "test-\(getpid())-\(counter.add(1, ordering: .relaxed).newValue)"
    }

    private static let counter = Atomic<Int>(0)
}

extension S3Configuration {
    static func toTestServer(_ server: S3TestServer, bucket: String) -> S3Configuration {
        S3Configuration(
            bucket: bucket, endpoint: server.endpoint,
            credentials: S3Credentials(
                accessKey: S3TestServer.accessKey, secretKey: Secret(S3TestServer.secretKey)))
    }
}
