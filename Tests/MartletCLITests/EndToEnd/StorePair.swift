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

/// A bucket on each of two real servers, the aliases `from` and `to` for them, and what a test needs to look into both.
struct StorePair: Sendable {
    let from: TestBucket
    let to: TestBucket
    let source: S3ObjectStore
    let target: S3ObjectStore

    /// The names of both, as people type them.
    var fromName: String { "from/\(from.name)" }
    var toName: String { "to/\(to.name)" }

    /// Runs `body` with a new pair of buckets, and removes both afterwards with what is in them.
    static func with<Result>(
        _ first: TestServer, _ second: TestServer, _ body: (StorePair) async throws -> Result
    ) async throws -> Result {
        let from = try await TestBucket.make(on: first)
        let to = try await TestBucket.make(on: second)
        return try await withNetworkTransport { transport in
            let pair = StorePair(
                from: from, to: to, source: try from.store(transport), target: try to.store(transport))
            do {
                let result = try await body(pair)
                await pair.remove()
                return result
            } catch {
                await pair.remove()
                throw error
            }
        }
    }

    /// What a process needs to find both by their aliases.
    var environment: [String: String] {
        ["MC_HOST_from": from.hostVariable, "MC_HOST_to": to.hostVariable]
    }

    var martlet: MartletProcess { MartletProcess(environment) }

    /// Buckets cost SeaweedFS volumes, of which it has few. What cannot be removed goes with the servers.
    private func remove() async {
        for store in [source, target] {
            do {
                for object in try await store.listAll() { _ = try await store.delete([object.key]) }
                try await store.deleteBucket()
            } catch {
                continue
            }
        }
    }
}

extension TestBucket {
    /// As mc's variables have it.
    var hostVariable: String {
        let address = endpoint.split(separator: "//", maxSplits: 1).last.map(String.init) ?? endpoint
        return "http://\(TestServers.s3AccessKey):\(TestServers.s3SecretKey)@\(address)"
    }

    func store(_ transport: NetworkTransport) throws -> S3ObjectStore {
        var configuration = S3Configuration(
            bucket: name, endpoint: endpoint,
            credentials: S3Credentials(
                accessKey: TestServers.s3AccessKey, secretKey: Secret(TestServers.s3SecretKey)))
        configuration.addressing = .path
        let clock = WallClock { Timestamp(seconds: Int64(Date().timeIntervalSince1970)) }
        return try S3ObjectStore(configuration, transport: transport, clock: clock)
    }
}

extension S3ObjectStore {
    func listAll() async throws -> [ObjectInfo] {
        var all: [ObjectInfo] = []
        for try await object in objects() { all.append(object) }
        return all
    }

    func put(_ text: String, at key: String, _ options: PutOptions = PutOptions()) async throws {
        _ = try await put(ByteBuffer(string: text), at: #require(ObjectKey(key)), options: options)
    }

    /// Every key with its bytes.
    func contents() async throws -> [String: [UInt8]] {
        var contents: [String: [UInt8]] = [:]
        for object in try await listAll() {
            let bytes = try await read(object.key, limit: .mebibytes(64))
            contents[object.key.text] = Array(bytes.readableBytesView)
        }
        return contents
    }
}

/// rclone, as a referee that knows nothing of Martlet.
enum Rclone {
    /// Its path; nil if it could not be had.
    static var program: String? { TestServers.variable("MARTLET_PEER_RCLONE") }

    /// Whether `rclone check` finds both buckets equal, by downloading all of both, and what it says.
    static func check(_ pair: StorePair) async throws -> (isEqual: Bool, messages: String) {
        let program = try #require(program)
        var variables = ["RCLONE_CONFIG": "/dev/null", "HOME": "/nonexistent", "NO_PROXY": "*"]
        for (name, bucket) in [("FROM", pair.from), ("TO", pair.to)] {
            variables["RCLONE_CONFIG_\(name)_TYPE"] = "s3"
            variables["RCLONE_CONFIG_\(name)_PROVIDER"] = "Other"
            variables["RCLONE_CONFIG_\(name)_ENDPOINT"] = bucket.endpoint
            variables["RCLONE_CONFIG_\(name)_ACCESS_KEY_ID"] = TestServers.s3AccessKey
            variables["RCLONE_CONFIG_\(name)_SECRET_ACCESS_KEY"] = TestServers.s3SecretKey
        }
        let environment = Environment.custom(
            Dictionary(variables.compactMap { name, value in Environment.Key(rawValue: name).map { ($0, value) } }) {
                $1
            })
        let result = try await Subprocess.run(
            .path(FilePath(program)),
            arguments: ["check", "--download", "from:\(pair.from.name)", "to:\(pair.to.name)"],
            environment: environment,
            output: .string(limit: 1 << 20), error: .string(limit: 1 << 20))
        return (result.terminationStatus.isSuccess, result.standardOutput + result.standardError)
    }
}

extension Trait where Self == ConditionTrait {
    /// Skips the test where `scripts/peers` could not bring rclone.
    static var needsRclone: Self {
        .enabled(if: Rclone.program != nil, "needs rclone: MARTLET_PEER_RCLONE is not set, scripts/test sets it")
    }
}
