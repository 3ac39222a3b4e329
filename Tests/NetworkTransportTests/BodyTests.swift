import Basics
import HTTPTypes
import NIOCore
import NIOPosix
import NetworkTransport
import Synchronization
import Testing
import Transport

private let ok = RawServer.Step.say("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")

@Suite struct `Bodies over a connection` {
    @Test(arguments: [0, 1, 16 << 10, (16 << 10) + 1, 3_000_000])
    func `of requests arrive whole`(size: Int) async throws {
        let text = String(repeating: "abcdefgh", count: size / 8 + 1).prefix(size)
        try await RawServer.run { _ in
            [ok]
        } _: { server in
            try await withNetworkTransport { transport in
                let body = RequestBody.bytes(ByteBuffer(string: String(text)))
                let answer1 = try await transport.fetch(server.request(.put, body: body))
                #expect(answer1.status == 200)
                var rest = ByteBuffer(string: String(text.prefix(200_000)))
                let length = Int64(rest.readableBytes)
                var pieces: [ByteBuffer] = []
                while let piece = rest.readSlice(length: min(1000, max(1, rest.readableBytes))) { pieces.append(piece) }
                let stream = ByteStream(pieces)
                let streamed = server.request(.put, body: .stream(stream, length: length))
                let answer2 = try await transport.fetch(streamed)
                #expect(answer2.status == 200)
                #expect(server.requests.map(\.body) == [String(text), String(text.prefix(Int(length)))])
                #expect(server.connections == 1)
            }
        }
    }

    @Test func `shorter or longer than announced fail the request`() async throws {
        let stream = ByteStream([ByteBuffer(string: "12345")])
        try await RawServer.run { _ in
            [ok]
        } _: { server in
            try await withNetworkTransport { transport in
                for length in [4, 6] as [Int64] {
                    let request = server.request(.put, body: .stream(stream, length: length))
                    let error3 = try await transport.failure(of: request)
                    #expect(error3.code == .invalid)
                }
                #expect(server.requests.isEmpty)
            }
        }
    }

    @Test func `that cannot be read fail the request`() async throws {
        struct Unreadable: Error {}
        let stream = ByteStream { { throw Unreadable() } }
        try await RawServer.run { _ in
            [ok]
        } _: { server in
            try await withNetworkTransport { transport in
                let error = try await transport.failure(of: server.request(.put, body: .stream(stream, length: 10)))
                #expect(error.code == .broken)
                #expect(error.cause is Unreadable)
            }
        }
    }

    @Test func `are not sent to the end once the server has answered`() async throws {
        // The server answers the head alone, as one does that refuses; its connection is not used again.
        let pieces = Atomic(0)
        let endless = ByteStream {
            {
                pieces.add(1, ordering: .relaxed)
                return ByteBuffer(repeating: 0x61, count: 64 << 10)
            }
        }
        try await EagerServer.run { server in
            try await withNetworkTransport { transport in
                let answer = try await transport.fetch(
                    server.request(body: .stream(endless, length: 1 << 40)))
                #expect(answer.status == 403)
                #expect(pieces.load(ordering: .relaxed) < 1 << 20)
            }
        }
    }

    @Test func `of many long answers at once arrive whole`() async throws {
        let total = 8 << 20
        try await PouringServer.run(total: total) { server in
            try await withNetworkTransport { transport in
                let sizes = try await mapConcurrently(0..<24, limit: 8) { _ in
                    var read = 0
                    for try await chunk in try await transport.send(server.request()).body {
                        read += chunk.readableBytes
                    }
                    return read
                }
                #expect(sizes == Array(repeating: total, count: 24))
            }
        }
    }

    @Test func `of answers are not taken faster than they are read`() async throws {
        let total = 64 << 20
        try await PouringServer.run(total: total) { server in
            try await withNetworkTransport { transport in
                let response = try await transport.send(server.request())
                var iterator = response.body.makeAsyncIterator()
                var read = try await iterator.next()?.readableBytes ?? 0
                await server.isStuck()
                // What lies in between are the buffers of two sockets, and a few of ours.
                #expect(server.written < total / 2)
                while let chunk = try await iterator.next() { read += chunk.readableBytes }
                #expect(read == total)
            }
        }
    }
}
