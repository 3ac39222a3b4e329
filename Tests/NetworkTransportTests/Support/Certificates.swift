import Basics
import MartletTestSupport
import NIOSSL
import NetworkTransport
import Transport

/// The certificates of `Tests/Fixtures/tls`.
enum Certificates {
    private static func text(_ name: String) throws -> String {
        String(decoding: try Fixtures.bytes("\(Fixtures.tls)/\(name)"), as: UTF8.self)
    }

    /// For a server with the certificate `name`.
    static func server(_ name: String = "server", asksForClient: Bool = false) throws -> NIOSSLContext {
        let certificates = try NIOSSLCertificate.fromPEMBytes(Array(text("\(name).pem").utf8))
        let key = try NIOSSLPrivateKey(bytes: Array(text("\(name).key").utf8), format: .pem)
        var configuration = TLSConfiguration.makeServerConfiguration(
            certificateChain: certificates.map { .certificate($0) }, privateKey: .privateKey(key))
        if asksForClient {
            configuration.certificateVerification = .noHostnameVerification
            configuration.trustRoots = .certificates(
                try NIOSSLCertificate.fromPEMBytes(Array(text("authority.pem").utf8)))
        }
        return try NIOSSLContext(configuration: configuration)
    }

    /// For a transport that trusts the authority of these certificates.
    static func trusting(serverName: String? = nil, identity: ClientIdentity? = nil) throws -> ConnectionSettings {
        ConnectionSettings(
            tls: TLSSettings(
                authorities: [.text(try text("authority.pem"))], serverName: serverName, identity: identity))
    }

    static func client() throws -> ClientIdentity {
        ClientIdentity(certificate: try text("client.pem"), key: Secret(try text("client.key")))
    }
}
