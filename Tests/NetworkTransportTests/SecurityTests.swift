import Basics
import NIOSSL
import NetworkTransport
import Testing
import Transport

private let ok = RawServer.Step.say("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")

@Suite struct `TLS` {
    private func failure(
        certificate: String = "server", asksForClient: Bool = false, host: String = "127.0.0.1",
        _ settings: ConnectionSettings
    ) async throws -> TransportError {
        try await RawServer.run(
            tls: Certificates.server(certificate, asksForClient: asksForClient), { _ in [ok] }
        ) { server in
            try await withNetworkTransport(settings) { transport in
                let error = try await transport.failure(of: server.request(scheme: "https", host: host))
                #expect(server.requests.isEmpty)
                return error
            }
        }
    }

    @Test(arguments: ["127.0.0.1", "localhost"])
    func `carries requests to a server that is trusted`(host: String) async throws {
        try await RawServer.run(tls: Certificates.server(), { _ in [ok] }) { server in
            try await withNetworkTransport(Certificates.trusting()) { transport in
                for _ in 0..<3 {
                    let answer1 = try await transport.fetch(server.request(scheme: "https", host: host))
                    #expect(answer1.body == "ok")
                }
                #expect(server.connections == 1)
            }
        }
    }

    @Test func `says that an authority is not known`() async throws {
        let error = try await failure(ConnectionSettings())
        #expect(error.code == .tls)
        #expect(error.message.contains("authority that is not known"))
    }

    @Test func `says that a certificate has expired, and when`() async throws {
        let error = try await failure(certificate: "expired", Certificates.trusting())
        #expect(error.code == .tls)
        #expect(error.message.contains("expired on 2021-01-01T00:00:00Z"))
    }

    @Test(arguments: ["127.0.0.1", "localhost"])
    func `says that a certificate is for another name, and which`(host: String) async throws {
        let error = try await failure(certificate: "elsewhere", host: host, Certificates.trusting())
        #expect(error.code == .tls)
        #expect(error.message.contains("elsewhere.example"))
        #expect(error.message.contains(host))
    }

    @Test func `says that the server wants a client certificate`() async throws {
        let error = try await failure(asksForClient: true, Certificates.trusting())
        #expect(error.code == .tls)
        #expect(error.message.contains("client certificate"))
    }

    @Test func `shows a client certificate, the transport's or the request's own`() async throws {
        let identity = try Certificates.client()
        try await RawServer.run(tls: Certificates.server(asksForClient: true), { _ in [ok] }) { server in
            try await withNetworkTransport(Certificates.trusting(identity: identity)) { transport in
                let answer2 = try await transport.fetch(server.request(scheme: "https"))
                #expect(answer2.body == "ok")
            }
            try await withNetworkTransport(Certificates.trusting()) { transport in
                var request = server.request(scheme: "https")
                request.identity = identity
                let answer3 = try await transport.fetch(request)
                #expect(answer3.body == "ok")
                request.identity = nil
                let error4 = try await transport.failure(of: request)
                #expect(error4.code == .tls)
            }
        }
    }

    @Test func `compares the name that the settings ask for`() async throws {
        try await RawServer.run(tls: Certificates.server("elsewhere"), { _ in [ok] }) { server in
            try await withNetworkTransport(Certificates.trusting(serverName: "elsewhere.example")) { transport in
                let answer5 = try await transport.fetch(server.request(scheme: "https"))
                #expect(answer5.body == "ok")
                #expect(server.requests.first?.text.contains("host: 127.0.0.1:\(server.port)\r\n") == true)
            }
        }
        let error = try await failure(Certificates.trusting(serverName: "10.0.0.1"))
        #expect(error.code == .tls)
    }

    @Test func `checks nothing where that is asked for`() async throws {
        try await RawServer.run(tls: Certificates.server("expired"), { _ in [ok] }) { server in
            let settings = ConnectionSettings(tls: TLSSettings(verification: .none))
            try await withNetworkTransport(settings) { transport in
                let answer6 = try await transport.fetch(server.request(scheme: "https"))
                #expect(answer6.body == "ok")
            }
        }
    }

    @Test func `says that a plain server speaks none, and a plain request that it met TLS`() async throws {
        try await RawServer.run({ _ in [ok] }) { server in
            try await withNetworkTransport { transport in
                // The greeting of TLS has no empty line: the server waits for one.
                let settings = ConnectionSettings(connectTimeout: .milliseconds(200))
                try await withNetworkTransport(settings) { hasty in
                    let error7 = try await hasty.failure(of: server.request(scheme: "https"))
                    #expect(error7.code == .connect)
                }
                _ = transport
            }
        }
        try await RawServer.run(tls: Certificates.server(), { _ in [ok] }) { server in
            try await withNetworkTransport { transport in
                let error = try await transport.failure(of: server.request())
                #expect(error.code == .broken || error.code == .invalid)
            }
        }
    }

    @Test func `refuses settings that cannot be read, before any connection`() {
        for text in ["", "no certificate", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"] {
            let settings = ConnectionSettings(tls: TLSSettings(authorities: [.text(text)]))
            let error = #expect(throws: TransportError.self) { try NetworkTransport(settings) }
            #expect(error?.code == .tls)
        }
        let identity = ClientIdentity(certificate: "nonsense", key: Secret("SECRET"))
        let settings = ConnectionSettings(tls: TLSSettings(identity: identity))
        let error = #expect(throws: TransportError.self) { try NetworkTransport(settings) }
        #expect(error?.code == .tls)
        #expect(error.map { ErrorChain.line($0).contains("SECRET") } == false)
    }
}
