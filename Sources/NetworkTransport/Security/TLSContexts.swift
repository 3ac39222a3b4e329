internal import Basics
internal import Glibc
internal import NIOCore
internal import NIOSSL
internal import Synchronization
internal import Transport

/// What TLS connections are made with: one context for each identity, made once, as loading authorities takes time.
final class TLSContexts: Sendable {
    private struct Kind: Hashable {
        let identity: ClientIdentity?
        let checksNames: Bool
    }

    private let settings: TLSSettings
    private let known = Mutex<[Kind: NIOSSLContext]>([:])

    /// - Throws: `.tls` if a certificate or key of `settings` cannot be read.
    init(_ settings: TLSSettings) throws(TransportError) {
        self.settings = settings
        _ = try settings.configuration(identity: settings.identity)
    }

    /// - Parameter checksNames: false where the name is compared by `names` instead.
    func context(for identity: ClientIdentity?, checksNames: Bool) throws(TransportError) -> NIOSSLContext {
        let kind = Kind(identity: identity ?? settings.identity, checksNames: checksNames)
        if let context = known.withLock({ $0[kind] }) { return context }
        var configuration = try settings.configuration(identity: kind.identity)
        if !checksNames, configuration.certificateVerification == .fullVerification {
            configuration.certificateVerification = .noHostnameVerification
        }
        let context: NIOSSLContext
        do {
            context = try NIOSSLContext(configuration: configuration)
        } catch {
            throw TransportError(
                .tls, "the certificates cannot be used; do the client certificate and its key belong together?",
                cause: error)
        }
        known.withLock { known in
            // Identities rotate every few minutes at most; old ones are dropped together.
            if known.count >= 16 { known = [:] }
            known[kind] = context
        }
        return context
    }

    var verifies: Bool { settings.verification == .full }

    /// Whether `certificate` names the address; what the library cannot compare where the connection does not lead to that
    /// address, but to a proxy.
    static func certificate(_ certificate: NIOSSLCertificate?, names address: [UInt8]) -> Bool {
        guard let certificate else { return false }
        return certificate._subjectAlternativeNames().contains { name in
            name.nameType == .ipAddress && name.contents.elementsEqual(address)
        }
    }

    /// `error`, which says no more than that the certificate was not trusted, with what the certificate itself tells.
    func explanation(
        of error: any Error, _ certificate: NIOSSLCertificate?, _ route: Route, now: Int
    ) -> TransportError {
        func text(_ date: time_t) -> String { Timestamp(seconds: Int64(date)).description }
        guard let certificate else { return TransportError(error, doing: route.description) }
        let place = "\(route): the server's certificate"
        if certificate.notValidAfter < now {
            return TransportError(
                .tls, "\(place) expired on \(text(certificate.notValidAfter)); renew it on the server", cause: error)
        }
        if certificate.notValidBefore > now {
            let start = text(certificate.notValidBefore)
            return TransportError(
                .tls, "\(place) is valid from \(start) only; is the clock of this machine right?", cause: error)
        }
        if let names = TLSContexts.names(of: certificate), TransportError.isMisnamed(error) {
            let wanted = "'\(route.serverName)'"
            return TransportError(
                .tls, "\(place) is for another name: it names \(names), not \(wanted)", cause: error)
        }
        return TransportError(
            .tls,
            "\(place) is signed by an authority that is not known here; give the authority's certificate (PEM)",
            cause: error)
    }

    /// The names that a certificate is for, in one line; nil if there are none.
    private static func names(of certificate: NIOSSLCertificate) -> String? {
        let names = certificate._subjectAlternativeNames().prefix(8).compactMap { name -> String? in
            switch name.nameType {
            case .dnsName: String(decoding: name.contents, as: UTF8.self).filter { $0.isASCII && !$0.isNewline }
            case .ipAddress: IPAddress.text(Array(name.contents))
            default: nil
            }
        }
        return names.isEmpty ? nil : names.joined(separator: ", ")
    }
}

/// Addresses as text and as bytes.
enum IPAddress {
    /// 4 or 16 bytes; nil if `text` is no address.
    static func bytes(_ text: String) -> [UInt8]? {
        for (family, count) in [(AF_INET, 4), (AF_INET6, 16)] {
            var bytes = [UInt8](repeating: 0, count: count)
            if inet_pton(family, text, &bytes) == 1 { return bytes }
        }
        return nil
    }

    static func text(_ bytes: [UInt8]) -> String? {
        var text = [CChar](repeating: 0, count: 64)
        let family = bytes.count == 4 ? AF_INET : AF_INET6
        guard bytes.count == 4 || bytes.count == 16,
            inet_ntop(family, bytes, &text, socklen_t(text.count)) != nil
        else { return nil }
        return String(decoding: text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
}
