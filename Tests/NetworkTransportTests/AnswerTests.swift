import HTTPTypes
import NetworkTransport
import Testing
import Transport

@Suite struct `Answers over a connection` {
    /// What a server says, and what is understood.
    struct Said: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let text: String
        var status = 200
        var body = ""
        /// The server closes afterwards, which ends some answers.
        var closes = false
    }

    static let answers = [
        Said(testDescription: "a length", text: "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello", body: "hello"),
        Said(testDescription: "no body", text: "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"),
        Said(
            testDescription: "chunks",
            text: "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nhel\r\n2\r\nlo\r\n0\r\n\r\n",
            body: "hello"),
        Said(
            testDescription: "chunks with extensions and trailers",
            text: "HTTP/1.1 200 OK\r\nTransfer-Encoding: Chunked\r\n\r\n5;x=y\r\nhello\r\n0\r\nx-sum: 1\r\n\r\n",
            body: "hello"),
        Said(
            testDescription: "the end of the connection", text: "HTTP/1.1 200 OK\r\n\r\nhello", body: "hello",
            closes: true),
        Said(testDescription: "HTTP/1.0", text: "HTTP/1.0 200 OK\r\n\r\nhello", body: "hello", closes: true),
        Said(
            testDescription: "no reason", text: "HTTP/1.1 404\r\nContent-Length: 2\r\n\r\nno", status: 404, body: "no"),
        Said(
            testDescription: "an answer before the answer",
            text:
                "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nlink: x\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\n!",
            body: "!"),
        Said(testDescription: "204", text: "HTTP/1.1 204 No Content\r\n\r\n", status: 204),
        Said(
            testDescription: "304 with a length", text: "HTTP/1.1 304 Not Modified\r\nContent-Length: 9\r\n\r\n",
            status: 304),
        Said(
            testDescription: "the same length twice",
            text: "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 2\r\n\r\nok",
            body: "ok"),
        Said(testDescription: "line feeds alone", text: "HTTP/1.1 200 OK\nContent-Length: 2\n\nok", body: "ok"),
        Said(
            testDescription: "blanks around a value", text: "HTTP/1.1 200 OK\r\nContent-Length:\t 2 \r\n\r\nok",
            body: "ok"),
    ]

    @Test(arguments: answers, [false, true])
    func `are understood whole and byte by byte`(said: Said, bySpelling: Bool) async throws {
        try await RawServer.run { _ in
            [bySpelling ? .spell(said.text) : .say(said.text)] + (said.closes ? [.close] : [])
        } _: { server in
            try await withNetworkTransport { transport in
                let answer = try await transport.fetch(server.request())
                #expect(answer.status == said.status)
                #expect(answer.body == said.body)
            }
        }
    }

    @Test func `to HEAD have no body, and the connection serves on`() async throws {
        try await RawServer.run { _ in
            [.say("HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n")]
        } _: { server in
            try await withNetworkTransport { transport in
                for _ in 0..<3 {
                    let answer = try await transport.fetch(server.request(.head))
                    #expect(answer.body == "")
                }
                #expect(server.connections == 1)
            }
        }
    }

    @Test(arguments: [
        "SSH-2.0-OpenSSH_9.2\r\n\r\n", "HTTP/2 200\r\n\r\n", "HTTP/1.1 twenty\r\n\r\n",
        "\r\n\r\nHTTP/1.1 200 OK\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\nok!",
        "HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 99999999999999999999\r\n\r\n",
        "HTTP/1.1 200 OK\r\nno colon\r\n\r\n", "HTTP/1.1 200 OK\r\nbad name: x\r\n\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n-1\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nabc\r\n",
    ])
    func `that are no HTTP are refused`(text: String) async throws {
        try await RawServer.run { _ in
            [.say(text)]
        } _: { server in
            try await withNetworkTransport { transport in
                let error = try await transport.failure(of: server.request())
                #expect(error.code == .invalid)
            }
        }
    }

    @Test func `have a head of bounded size`() async throws {
        let endless = String(repeating: "x-more: \(String(repeating: "y", count: 1000))\r\n", count: 200)
        try await RawServer.run { _ in
            [.say("HTTP/1.1 200 OK\r\n\(endless)")]
        } _: { server in
            try await withNetworkTransport { transport in
                let error = try await transport.failure(of: server.request())
                #expect(error.code == .invalid)
            }
        }
    }

    @Test(
        arguments: [
            "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf",
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nhalf\r\n",
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\na\r\nhalf",
        ], [RawServer.Step.close, .reset])
    func `that break off are broken, behind what came`(text: String, end: RawServer.Step) async throws {
        try await RawServer.run { _ in
            [.say(text), end]
        } _: { server in
            try await withNetworkTransport { transport in
                let error = try await transport.failure(of: server.request())
                #expect(error.code == .broken)
            }
        }
    }

    @Test func `that break off on TLS are no whole answers`() async throws {
        try await RawServer.run(tls: Certificates.server()) { _ in
            [.say("HTTP/1.1 200 OK\r\n\r\nhalf"), .reset]
        } _: { server in
            try await withNetworkTransport(Certificates.trusting()) { transport in
                let error = try await transport.failure(of: server.request(scheme: "https"))
                #expect(error.code == .broken)
            }
        }
    }
}
