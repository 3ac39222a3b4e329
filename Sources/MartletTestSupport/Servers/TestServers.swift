import Glibc
package import Testing

/// A real server that tests talk to. `scripts/test` starts them and says where they are, in environment variables.
package enum TestServer: String, Sendable, CaseIterable {
    case kubernetes = "MARTLET_TEST_KUBECONFIG"
    case seaweedFS = "MARTLET_TEST_SEAWEEDFS"
    case moto = "MARTLET_TEST_MOTO"
    case rclone = "MARTLET_TEST_RCLONE"
    case tls = "MARTLET_TEST_S3_TLS"
    /// A machine on which clusters with a node may be started, by a test itself.
    case node = "MARTLET_TEST_NODE"

    /// Its address, for `.kubernetes` the path of a kubeconfig, for `.node` the first part of the clusters' names;
    /// nil if there is no such server.
    package var address: String? { TestServers.variable(rawValue) }
}

/// Where the real servers are, and whether a test may go without one.
package enum TestServers {
    /// A name that tests print when they miss something that `scripts/test` sets.
    package static func variable(_ name: String) -> String? {
        guard let value = getenv(name).map({ String(cString: $0) }), !value.isEmpty else { return nil }
        return value
    }

    package static var kubeconfig: String? { TestServer.kubernetes.address }
    /// The program of that name, to compare with.
    package static var kubectl: String? { variable("MARTLET_TEST_KUBECTL") }
    /// The authority (PEM file) behind `.tls`.
    package static var tlsAuthority: String? { variable("MARTLET_TEST_S3_TLS_CA") }
    package static var s3AccessKey: String { variable("MARTLET_TEST_S3_ACCESS_KEY") ?? "" }
    package static var s3SecretKey: String { variable("MARTLET_TEST_S3_SECRET_KEY") ?? "" }
    /// Keys that every server takes as well; the secret has slashes, plus and at signs.
    package static var s3OddAccessKey: String { variable("MARTLET_TEST_S3_ODD_ACCESS_KEY") ?? "" }
    package static var s3OddSecretKey: String { variable("MARTLET_TEST_S3_ODD_SECRET_KEY") ?? "" }

    /// Whether a missing server makes its tests fail: `scripts/test` promises them all.
    package static var areRequired: Bool { variable("MARTLET_TEST_REQUIRE_ALL") == "1" }

    /// `server`'s address.
    /// - Throws: `MissingServer`, which fails the test: reached only where all servers are required.
    package static func address(of server: TestServer) throws -> String {
        guard let address = server.address else { throw MissingServer(variable: server.rawValue) }
        return address
    }
}

/// A test ran without the server that it needs.
package struct MissingServer: Error, CustomStringConvertible {
    package let variable: String

    package var description: String { "\(variable) is not set: start the servers as scripts/test does" }
}

extension Trait where Self == ConditionTrait {
    /// Skips the test, with a reason in the output, if `server` is not there; where all servers are required the test runs
    /// and fails on `TestServers.address(of:)`.
    package static func needs(_ server: TestServer) -> Self {
        .enabled(
            if: server.address != nil || TestServers.areRequired,
            "needs a real server: \(server.rawValue) is not set, scripts/test sets it")
    }
}
