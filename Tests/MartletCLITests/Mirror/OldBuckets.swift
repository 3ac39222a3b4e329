import Basics
import FoundationEssentials
import MartletTestSupport
import NIOCore
import NetworkTransport
import ObjectStorage
import S3
import Subprocess
import SystemPackage
import Testing

/// The two buckets of the old deployment, by their own names, on one real server.
struct OldBuckets: Sendable {
    static let names = ["radar-intermediate-storage", "radar-output-storage"]

    let server: TestServer
    let endpoint: String
    /// By name.
    let stores: [String: S3ObjectStore]

    /// - Parameter keepsVersions: switched on for both, where the server has versions.
    static func make(
        on server: TestServer, keepsVersions: Bool = false, _ transport: NetworkTransport
    ) async throws -> OldBuckets {
        let endpoint = try TestServers.address(of: server)
        var stores: [String: S3ObjectStore] = [:]
        for name in names {
            let store = try TestBucket(name: name, endpoint: endpoint).store(transport)
            // What a test that was killed has left.
            if try await store.bucketExists() { try await remove(store) }
            try await store.createBucket()
            if keepsVersions { try await store.features.setVersioning(.enabled) }
            stores[name] = store
        }
        return OldBuckets(server: server, endpoint: endpoint, stores: stores)
    }

    subscript(name: String) -> S3ObjectStore {
        get throws { try #require(stores[name]) }
    }

    func remove() async throws {
        for store in stores.values { try await OldBuckets.remove(store) }
    }

    private static func remove(_ store: S3ObjectStore) async throws {
        for object in try await store.listAll() { _ = try await store.delete([object.key]) }
        do throws(StoreError) {
            var request = VersionListRequest()
            while true {  // Ends with the listing.
                let page = try await store.features.listVersions(request)
                _ = try await store.features.deleteVersions(
                    page.versions.compactMap { version in
                        version.info.versionID.map { VersionName(key: version.info.key, versionID: $0) }
                    })
                guard let next = page.next else { break }
                request.marker = next
            }
        } catch {
            guard [.unsupported, .invalid].contains(error.code) else { throw error }
        }
        try await store.deleteBucket()
    }

    /// `HOST:PORT`.
    var authority: String { endpoint.split(separator: "//", maxSplits: 1).last.map(String.init) ?? endpoint }

    /// As the deployment has it: `http://ACCESS:SECRET@HOST:PORT`, with a secret that would not survive a URL parser.
    var hostVariable: String { "http://\(TestServers.s3OddAccessKey):\(TestServers.s3OddSecretKey)@\(authority)" }

    /// An entry of mc's `config.json`, version 10.
    var mcEntry: String {
        """
        {"url":"\(endpoint)","accessKey":"\(TestServers.s3OddAccessKey)","secretKey":"\(TestServers.s3OddSecretKey)",\
        "api":"S3v4","path":"auto"}
        """
    }

    /// What objects there are, the mirror's own left out.
    func contents(_ name: String) async throws -> [String: [UInt8]] {
        try await self[name].contents().filter { !$0.key.hasPrefix(".martlet/") }
    }
}

extension Rclone {
    /// What `rclone check --download` finds between buckets of one name: it reads all objects of both, the mirror's own
    /// left out.
    ///
    /// - Parameter isOneWay: what only the second has counts as well.
    static func check(
        _ name: String, _ first: OldBuckets, _ second: OldBuckets, isOneWay: Bool = false
    ) async throws -> (isEqual: Bool, messages: String) {
        let program = try #require(program)
        var variables = ["RCLONE_CONFIG": "/dev/null", "HOME": "/nonexistent", "NO_PROXY": "*"]
        for (remote, buckets) in [("FROM", first), ("TO", second)] {
            variables["RCLONE_CONFIG_\(remote)_TYPE"] = "s3"
            variables["RCLONE_CONFIG_\(remote)_PROVIDER"] = "Other"
            variables["RCLONE_CONFIG_\(remote)_ENDPOINT"] = buckets.endpoint
            variables["RCLONE_CONFIG_\(remote)_ACCESS_KEY_ID"] = TestServers.s3OddAccessKey
            variables["RCLONE_CONFIG_\(remote)_SECRET_ACCESS_KEY"] = TestServers.s3OddSecretKey
        }
        let environment = Environment.custom(
            Dictionary(variables.compactMap { name, value in Environment.Key(rawValue: name).map { ($0, value) } }) {
                $1
            })
        var arguments = ["check", "--download", "--exclude", "/.martlet/**"]
        if isOneWay { arguments.append("--one-way") }
        let result = try await Subprocess.run(
            .path(FilePath(program)), arguments: Arguments(arguments + ["from:\(name)", "to:\(name)"]),
            environment: environment, output: .string(limit: 1 << 20), error: .string(limit: 1 << 20))
        return (result.terminationStatus.isSuccess, result.standardOutput + result.standardError)
    }
}
