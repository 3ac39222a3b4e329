internal import Basics
internal import NIOSSL
internal import Transport

extension TLSSettings {
    /// The same for NIOSSL. Reads the files that the settings name.
    /// - Throws: `.tls` that names the file or the part that is no certificate or key.
    func configuration(identity: ClientIdentity?) throws(TransportError) -> TLSConfiguration {
        var configuration = TLSConfiguration.makeClientConfiguration()
        if verification == .none { configuration.certificateVerification = .none }
        if !authorities.isEmpty {
            var certificates: [NIOSSLCertificate] = []
            for source in authorities { certificates += try source.certificates() }
            configuration.trustRoots = .certificates(certificates)
        }
        guard let identity else { return configuration }
        do {
            configuration.certificateChain = try NIOSSLCertificate.fromPEMBytes(Array(identity.certificate.utf8))
                .map { .certificate($0) }
        } catch {
            throw TransportError(.tls, "the client certificate is no PEM certificate", cause: error)
        }
        do {
            let key = try NIOSSLPrivateKey(bytes: Array(identity.key.reveal().utf8), format: .pem)
            configuration.privateKey = .privateKey(key)
        } catch {
            throw TransportError(.tls, "the key of the client certificate is no PEM key", cause: error)
        }
        return configuration
    }
}

extension PEMSource {
    fileprivate func certificates() throws(TransportError) -> [NIOSSLCertificate] {
        let name: String
        do {
            switch self {
            case .text(let text):
                name = "the given certificate authority"
                let certificates = try NIOSSLCertificate.fromPEMBytes(Array(text.utf8))
                if !certificates.isEmpty { return certificates }
            case .file(let path):
                name = "the certificate authority in \(path)"
                let certificates = try NIOSSLCertificate.fromPEMFile(path)
                if !certificates.isEmpty { return certificates }
            }
        } catch {
            switch self {
            case .text: throw TransportError(.tls, "the given certificate authority is no PEM text", cause: error)
            case .file(let path):
                throw TransportError(.tls, "cannot read a PEM certificate from \(path)", cause: error)
            }
        }
        throw TransportError(.tls, "\(name) holds no certificate")
    }
}
