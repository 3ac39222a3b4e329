import Basics
import HTTPTypes
import NIOCore
import NetworkTransport
import Testing
import Transport

@Suite struct `Switching to WebSocket` {
    private let handshake = WebSocketHandshake(subprotocols: ["new", "echo"], nonce: (1, 2))

    /// Says `payload` over an open WebSocket and hears it back.
    private func echo(_ payload: [UInt8], over transport: NetworkTransport, _ request: TransportRequest) async throws {
        let response = try await transport.send(request)
        let chosen = try handshake.chosen(in: response.head)
        #expect(chosen == "echo")
        let sender = WebSocketSender(try #require(response.outbound)) { 0x1234_5678 }
        var reader = WebSocketReader(response.body, sender: sender)
        for _ in 1...3 {
            try await sender.send(WebSocketFrame(.binary, payload))
            let heard = try await reader.next()
            #expect(heard == .binary(payload))
        }
    }

    @Test(arguments: [10, 1_000_000]) func `carries bytes both ways`(size: Int) async throws {
        try await SwitchingServer.run { server in
            try await withNetworkTransport { transport in
                try await echo(Array(repeating: 9, count: size), over: transport, server.request(handshake))
                #expect(server.messages.filter { if case .pong([1]) = $0 { true } else { false } }.count >= 2)
                #expect(server.heads.first?.lowercased().contains("connection: upgrade\r\n") == true)
            }
        }
    }

    @Test func `goes through TLS, and through a tunnel where there is a proxy`() async throws {
        try await SwitchingServer.run(tls: Certificates.server()) { server in
            try await TunnelServer.run { proxy in
                let endpoint = ProxyEndpoint(kind: .http, host: "127.0.0.1", port: proxy.port)
                let tls = try Certificates.trusting().tls
                try await withNetworkTransport(ConnectionSettings(tls: tls)) { transport in
                    try await echo([1, 2], over: transport, server.request(handshake, scheme: "https"))
                }
                #expect(proxy.greetings.isEmpty)
                try await withNetworkTransport(ConnectionSettings(tls: tls, proxies: .all(endpoint))) { transport in
                    try await echo([1, 2], over: transport, server.request(handshake, scheme: "https"))
                }
                #expect(proxy.greetings.count == 1)
            }
        }
        try await SwitchingServer.run { server in
            try await TunnelServer.run { proxy in
                let endpoint = ProxyEndpoint(kind: .http, host: "127.0.0.1", port: proxy.port)
                try await withNetworkTransport(ConnectionSettings(proxies: .all(endpoint))) { transport in
                    try await echo([3], over: transport, server.request(handshake))
                }
                #expect(proxy.greetings.count == 1)
            }
        }
    }

    @Test func `is an ordinary answer where the server does not want to`() async throws {
        try await SwitchingServer.run { server in
            try await withNetworkTransport { transport in
                let other = WebSocketHandshake(subprotocols: ["other"], nonce: (1, 2))
                let response = try await transport.send(server.request(other))
                #expect(response.head.status.code == 400)
                #expect(response.outbound == nil)
                let text = try await response.body.text()
                #expect(text == "nope")
            }
        }
    }

    @Test func `notices a server that has fallen silent`() async throws {
        try await SwitchingServer.run(isMute: true) { server in
            try await withNetworkTransport { transport in
                let response = try await transport.send(server.request(handshake, idleTimeout: .milliseconds(50)))
                let sender = WebSocketSender(try #require(response.outbound)) { 0 }
                var reader = WebSocketReader(response.body, sender: sender)
                var code: TransportError.Code?
                do throws(TransportError) { _ = try await reader.next() } catch { code = error.code }
                #expect(code == .timeout)
            }
        }
    }

    @Test func `ends with the task that waits, and with the one that lets go`() async throws {
        try await RawServer.run { _ in
            [.say("HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: Upgrade\r\n\r\n\u{1}")]
        } _: { server in
            try await withNetworkTransport { transport in
                var request = server.request()
                request.isUpgrade = true
                let response = try await transport.send(request)
                let sender = WebSocketSender(try #require(response.outbound)) { 0 }
                let reading = Task {
                    var iterator = response.body.makeAsyncIterator()
                    _ = try await iterator.next()
                    return try await iterator.next()
                }
                reading.cancel()
                let result = await reading.result
                #expect(throws: (any Error).self) { try result.get() }
                await server.someClosed()
                await #expect(throws: TransportError.self) { try await sender.send(WebSocketFrame(.ping)) }
            }
            #expect(server.connections == 1)
        }
    }
}
