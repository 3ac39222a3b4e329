import Basics
import FoundationEssentials
import MartletTestSupport
import NetworkTransport
import S3

/// A bucket of its own on a real server, so that tests do not meet.
struct TestBucket: Sendable {
    let name: String
    let endpoint: String

    static func make(on server: TestServer) async throws -> TestBucket {
        let bucket = TestBucket(
            name: "martlet-cli-\(UUID().uuidString.lowercased())", endpoint: try TestServers.address(of: server))
        var configuration = S3Configuration(
            bucket: bucket.name, endpoint: bucket.endpoint,
            credentials: S3Credentials(
                accessKey: TestServers.s3AccessKey, secretKey: Secret(TestServers.s3SecretKey)))
        configuration.addressing = .path
        let settled = configuration
        let clock = WallClock {
            Timestamp(seconds: Int64(Date().timeIntervalSince1970))
        }
        try await withNetworkTransport { transport in
            try await S3ObjectStore(settled, transport: transport, clock: clock).createBucket()
        }
        return bucket
    }
}
