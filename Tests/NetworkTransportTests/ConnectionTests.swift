import Basics
import HTTPTypes
import NIOCore
import NetworkTransport
import Synchronization
import Testing
import Transport

private let ok = RawServer.Step.say("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")

@Suite struct `Connections` {
    @Test func `serve one request after another`() async throws {
        try await RawServer.run { _ in
            [ok]
        } _: { server in
            try await withNetworkTransport { transport in
                for _ in 0..<5 {
                    let answer = try await transport.fetch(server.request())
                    #expect(answer.body == "ok")
                }
                #expect(server.connections == 1)
                #expect(server.requests.map(\.connection) == [1, 1, 1, 1, 1])
            }
        }
    }

    @Test func `are closed where the server says so`() async throws {
        try await RawServer.run { _ in
            [.say("HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok")]
        } _: { server in
            try await withNetworkTransport { transport in
                for _ in 0..<3 {
                    let answer = try await transport.fetch(server.request())
                    #expect(answer.body == "ok")
                }
                #expect(server.connections == 3)
            }
        }
    }

    @Test func `are no more than allowed, and the rest wait in line`() async throws {
        try await RawServer.run { _ in
            [ok]
        } _: { server in
            let settings = ConnectionSettings(connectionsPerHost: 2, connectTimeout: .seconds(300))
            try await withNetworkTransport(settings) { transport in
                let bodies = try await mapConcurrently(0..<20, limit: 20) { _ in
                    try await transport.fetch(server.request()).body
                }
                #expect(bodies == Array(repeating: "ok", count: 20))
                #expect(server.mostOpen <= 2)
            }
        }
    }

    @Test func `that the server closed before a GET are replaced, once and only for reads`() async throws {
        // The second request on a connection is met by its end.
        let seen = Mutex<[Int: Int]>([:])
        try await RawServer.run { request in
            let count = seen.withLock { seen in
                seen[request.connection, default: 0] += 1
                return seen[request.connection]
            }
            return count == 1 ? [ok] : [.close]
        } _: { server in
            try await withNetworkTransport { transport in
                let answer1 = try await transport.fetch(server.request())
                #expect(answer1.body == "ok")
                let answer2 = try await transport.fetch(server.request())
                #expect(answer2.body == "ok")
                #expect(server.connections == 2)
                let put = server.request(.put, body: .bytes(ByteBuffer(string: "x")))
                let error3 = try await transport.failure(of: put)
                #expect(error3.code == .broken)
                #expect(server.connections == 2)
            }
        }
    }

    @Test func `that end before any answer are broken`() async throws {
        try await RawServer.run { _ in
            [.reset]
        } _: { server in
            try await withNetworkTransport { transport in
                let error4 = try await transport.failure(of: server.request())
                #expect(error4.code == .broken)
                #expect(server.connections == 1)
            }
        }
    }

    @Test func `that are refused say so`() async throws {
        var request = TransportRequest(head: HTTPRequest(method: .get, scheme: "http", authority: "", path: "/"))
        try await RawServer.run { _ in
            []
        } _: { server in
            request = server.request()
        }
        try await withNetworkTransport { transport in
            let error = try await transport.failure(of: request)
            #expect(error.code == .connect)
            #expect(error.message.contains("refused"))
        }
    }

    @Test func `end with their transport, and what is under way with them`() async throws {
        try await RawServer.run { _ in
            []
        } _: { server in
            let transport = try NetworkTransport()
            async let failure = transport.failure(of: server.request())
            while server.requests.isEmpty { await Task.yield() }
            await transport.shutdown()
            #expect(try await failure.code == .cancelled)
            let error5 = try await transport.failure(of: server.request())
            #expect(error5.code == .cancelled)
            await transport.shutdown()
        }
    }

    @Test func `close when the task is cancelled, before the answer and in it`() async throws {
        for said in ["", "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf"] {
            try await RawServer.run { _ in
                [.say(said)]
            } _: { server in
                try await withNetworkTransport { transport in
                    let task = Task { try await transport.fetch(server.request()) }
                    while server.requests.isEmpty { await Task.yield() }
                    task.cancel()
                    let error = await #expect(throws: TransportError.self) { try await task.value }
                    #expect(error?.code == .cancelled)
                    await server.someClosed()
                }
            }
        }
    }

    @Test func `close when a body is dropped`() async throws {
        try await RawServer.run { _ in
            [.say("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf")]
        } _: { server in
            try await withNetworkTransport { transport in
                _ = try await transport.send(server.request()).head
                await server.someClosed()
            }
        }
    }

    @Test func `time out in silence, before the answer and in it`() async throws {
        for said in ["", "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf"] {
            try await RawServer.run { _ in
                [.say(said)]
            } _: { server in
                try await withNetworkTransport { transport in
                    let request = server.request(headTimeout: .milliseconds(50), idleTimeout: .milliseconds(50))
                    let error6 = try await transport.failure(of: request)
                    #expect(error6.code == .timeout)
                    await server.someClosed()
                }
            }
        }
    }

    @Test func `refuse a request that makes no sense`() async throws {
        try await withNetworkTransport { transport in
            for (scheme, authority, path) in [
                ("ftp", "h", "/"), ("http", "", "/"), ("http", "user:SECRET@h", "/"), ("http", "h", "/a b"),
                ("http", "h", "/a\r\nx: y"), ("http", "h", "no-slash"),
            ] {
                let head = HTTPRequest(method: .get, scheme: scheme, authority: authority, path: path)
                let error7 = try await transport.failure(of: TransportRequest(head: head))
                #expect(error7.code == .invalid)
            }
        }
    }
}
