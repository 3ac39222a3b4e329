import Basics
import HTTPTypes
import NIOCore
import NIOPosix
import NetworkTransport
import Testing
import Transport

private let ok = RawServer.Step.say("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")

@Suite struct `Proxies` {
    private func settings(
        _ port: Int, kind: ProxyEndpoint.Kind = .http, user: String? = "user", password: String = "SECRET",
        tls: TLSSettings = TLSSettings()
    ) -> ConnectionSettings {
        let endpoint = ProxyEndpoint(
            kind: kind, host: "127.0.0.1", port: port, user: user, password: user == nil ? nil : Secret(password))
        return ConnectionSettings(tls: tls, proxies: .all(endpoint))
    }

    @Test func `are handed plain requests whole, with the credentials`() async throws {
        try await RawServer.run { _ in
            [ok]
        } _: { proxy in
            try await withNetworkTransport(settings(proxy.port)) { transport in
                var request = proxy.request()
                request.head.authority = "server.example:8080"
                let answer1 = try await transport.fetch(request)
                #expect(answer1.body == "ok")
                let asked = try #require(proxy.requests.first)
                #expect(asked.line == "GET http://server.example:8080/path?signature=SECRET HTTP/1.1")
                #expect(asked.text.contains("host: server.example:8080\r\n"))
                #expect(asked.text.contains("proxy-authorization: Basic dXNlcjpTRUNSRVQ=\r\n"))
            }
        }
    }

    @Test func `open tunnels for TLS, and see nothing of what goes through`() async throws {
        try await RawServer.run(tls: Certificates.server(), { _ in [ok] }) { server in
            try await TunnelServer.run { proxy in
                let settings = settings(proxy.port, tls: try Certificates.trusting().tls)
                try await withNetworkTransport(settings) { transport in
                    for host in ["127.0.0.1", "localhost"] {
                        let request = server.request(scheme: "https", host: host)
                        let answer2 = try await transport.fetch(request)
                        #expect(answer2.body == "ok")
                        let answer3 = try await transport.fetch(request)
                        #expect(answer3.body == "ok")
                    }
                    #expect(server.connections == 2)
                    #expect(server.requests.allSatisfy { !$0.text.contains("proxy-authorization") })
                    #expect(
                        proxy.greetings.map { String($0.prefix { $0 != "\r\n" }) } == [
                            "CONNECT 127.0.0.1:\(server.port) HTTP/1.1", "CONNECT localhost:\(server.port) HTTP/1.1",
                        ])
                    #expect(proxy.greetings.allSatisfy { $0.contains("proxy-authorization: Basic ") })
                }
            }
        }
    }

    @Test func `do not excuse a certificate for another address`() async throws {
        try await RawServer.run(tls: Certificates.server("elsewhere"), { _ in [ok] }) { server in
            try await TunnelServer.run { proxy in
                let settings = settings(proxy.port, tls: try Certificates.trusting().tls)
                try await withNetworkTransport(settings) { transport in
                    let error = try await transport.failure(of: server.request(scheme: "https"))
                    #expect(error.code == .tls)
                    #expect(server.requests.isEmpty)
                }
            }
        }
    }

    @Test(arguments: [nil, "user"])
    func `of SOCKS 5 open tunnels for everything`(user: String?) async throws {
        try await RawServer.run { _ in
            [ok]
        } _: { server in
            try await TunnelServer.run(socksPassword: user == nil ? nil : "SECRET") { proxy in
                try await withNetworkTransport(settings(proxy.port, kind: .socks5, user: user)) { transport in
                    let answer4 = try await transport.fetch(server.request())
                    #expect(answer4.body == "ok")
                    #expect(server.requests.first?.line.hasPrefix("GET /path") == true)
                }
                let wrong = settings(proxy.port, kind: .socks5, user: "user", password: "SECRET TOO")
                guard user != nil else { return }
                try await withNetworkTransport(wrong) { transport in
                    let error5 = try await transport.failure(of: server.request())
                    #expect(error5.code == .connect)
                }
            }
        }
    }

    @Test(arguments: [
        ("HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n", "user and a password"),
        ("HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\n\r\n", "status 502"),
        ("220 mail.example ESMTP\r\n\r\n", "does not answer as an HTTP proxy"),
    ])
    func `that refuse are told of`(said: String, text: String) async throws {
        try await RawServer.run { _ in
            [.say(said)]
        } _: { proxy in
            try await withNetworkTransport(settings(proxy.port)) { transport in
                let error = try await transport.failure(of: proxy.request(scheme: "https", host: "server.example"))
                #expect(error.code == .connect)
                #expect(error.message.contains(text))
            }
        }
    }

    @Test func `that are not there are told of`() async throws {
        var port = 0
        try await RawServer.run { _ in
            []
        } _: {
            port = $0.port
        }
        try await RawServer.run { _ in
            [ok]
        } _: { server in
            try await withNetworkTransport(settings(port)) { transport in
                let error = try await transport.failure(of: server.request(scheme: "https"))
                #expect(error.code == .connect)
                #expect(error.message.contains("proxy cannot be reached"))
            }
        }
    }

    @Test func `are passed by for the hosts that NO_PROXY names`() async throws {
        try await RawServer.run { _ in
            [ok]
        } _: { server in
            try await RawServer.run { _ in
                [ok]
            } _: { proxy in
                var settings = settings(proxy.port)
                settings.proxies.bypass = [ProxyBypass("127.0.0.0/8")]
                try await withNetworkTransport(settings) { transport in
                    let answer6 = try await transport.fetch(server.request())
                    #expect(answer6.body == "ok")
                    #expect(proxy.requests.isEmpty && server.requests.count == 1)
                }
            }
        }
    }
}
