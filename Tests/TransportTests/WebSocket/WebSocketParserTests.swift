import HTTPTypes
import NIOCore
import Testing
import Transport

@Suite struct `What comes over a WebSocket` {
    private func parse(
        _ bytes: [UInt8], isServer: Bool = false, limit: Int = 1 << 20, pieces: Int = .max
    ) throws(WebSocketParser.Failure) -> [WebSocketMessage] {
        var parser = WebSocketParser(isServer: isServer, limit: limit)
        var messages: [WebSocketMessage] = []
        var rest = bytes[...]
        while !rest.isEmpty {
            messages += try parser.feed(ByteBuffer(bytes: rest.prefix(pieces)))
            rest = rest.dropFirst(pieces)
        }
        return messages
    }

    private func refusal(_ bytes: [UInt8], isServer: Bool = false, limit: Int = 1 << 20) -> WebSocketParser.Failure? {
        do throws(WebSocketParser.Failure) {
            _ = try parse(bytes, isServer: isServer, limit: limit)
            return nil
        } catch {
            return error
        }
    }

    @Test(arguments: [0, 1, 125, 126, 65_535, 65_536, 200_000], [nil, 0, 0x37FA_213D, UInt32.max])
    func `is what was sent, whatever its length and its mask`(length: Int, mask: UInt32?) throws {
        let payload = (0..<length).map { UInt8(truncatingIfNeeded: $0 &* 31) }
        let bytes = WebSocketFrame(.binary, payload).encoded(mask: mask)
        let messages = try parse(bytes, isServer: mask != nil)
        #expect(messages == [.binary(payload)])
    }

    @Test(arguments: 1...9) func `does not depend on how it is cut`(pieces: Int) throws {
        let frames = [
            WebSocketFrame(.text, Array("Hel".utf8), isLast: false), WebSocketFrame(.ping, [7]),
            WebSocketFrame(.continuation, Array("l".utf8), isLast: false), WebSocketFrame(.pong, []),
            WebSocketFrame(.continuation, Array("o".utf8)), WebSocketFrame(.binary, Array(repeating: 5, count: 300)),
            WebSocketFrame(.close, WebSocketClose(code: 1000, reason: "bye").payload),
        ]
        let messages = try parse(frames.flatMap { $0.encoded(mask: nil) }, pieces: pieces)
        #expect(
            messages == [
                .ping([7]), .pong([]), .text(Array("Hello".utf8)), .binary(Array(repeating: 5, count: 300)),
                .close(WebSocketClose(code: 1000, reason: "bye")),
            ])
    }

    /// RFC 6455, section 5.7.
    @Test func `is read as the standard's examples say`() throws {
        let masked: [UInt8] = [0x81, 0x85, 0x37, 0xFA, 0x21, 0x3D, 0x7F, 0x9F, 0x4D, 0x51, 0x58]
        let messages = try parse(masked, isServer: true)
        #expect(messages == [.text(Array("Hello".utf8))])
        #expect(WebSocketFrame(.text, Array("Hello".utf8)).encoded(mask: 0x37FA_213D) == masked)
        #expect(WebSocketFrame(.text, Array("Hello".utf8)).encoded(mask: nil) == [0x81, 5] + Array("Hello".utf8))
    }

    @Test func `ends with a close frame, whatever follows`() throws {
        let bytes = WebSocketFrame(.close).encoded(mask: nil) + [0xFF, 0xFF, 0xFF]
        let messages = try parse(bytes)
        #expect(messages == [.close(WebSocketClose(code: 1005))])
    }

    @Test(
        arguments: [
            ([0xC1, 0], "a frame with bits that were not agreed on"),
            ([0x83, 0], "a frame with bits that were not agreed on"),
            ([0x81, 0x80, 0, 0, 0, 0], "a frame that is masked"),
            ([0x80, 0], "the end of a message that did not begin"),
            ([0x01, 0, 0x81, 0], "a message inside a message"),
            ([0x09, 0], "a control frame that is long or in pieces"),
            ([0x89, 126, 0, 126], "a control frame that is long or in pieces"),
            ([0x88, 1, 3], "a close frame without sense"), ([0x88, 2, 0, 5], "a close frame without sense"),
            ([0x88, 2, 3, 237], "a close frame without sense"),
            ([0x88, 3, 3, 232, 0xFF], "a close frame without sense"),
            (Array("HTTP/1.1 400".utf8), "a frame with bits that were not agreed on"),
        ] as [([UInt8], String)])
    func `is refused if it is junk`(bytes: [UInt8], reason: String) {
        let failure = refusal(bytes)
        #expect(failure?.code == 1002)
        #expect(failure?.description == reason)
    }

    @Test func `is refused without a mask by a server`() {
        #expect(refusal([0x81, 0], isServer: true)?.description == "a frame that is not masked")
    }

    @Test(
        arguments: [
            [0x82, 127, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF], [0x82, 127, 0, 0, 0, 0, 0, 0, 0, 101],
            [0x82, 126, 0, 101], [0x82, 101], [0x02, 60] + Array(repeating: 0, count: 60) + [0x80, 41],
        ] as [[UInt8]])
    func `is refused as soon as it says that it is too long`(bytes: [UInt8]) {
        let failure = refusal(bytes, limit: 100)
        #expect(failure?.code == 1009)
        #expect(failure?.description == "a message of more than 100 bytes")
    }

    @Test func `says why it closes in one line`() throws {
        let bytes = WebSocketFrame(.close, [3, 242] + Array("a\nb".utf8)).encoded(mask: nil)
        let messages = try parse(bytes)
        #expect(messages == [.close(WebSocketClose(code: 1010, reason: "a?b"))])
    }
}

@Suite struct `Opening a WebSocket` {
    /// The nonce of RFC 6455, section 1.3: "the sample nonce".
    private let handshake = WebSocketHandshake(
        subprotocols: ["v5", "v4"], nonce: (0x7468_6520_7361_6D70, 0x6C65_206E_6F6E_6365))

    private func answer(_ change: (inout HTTPResponse) -> Void = { _ in }) -> HTTPResponse {
        var head = HTTPResponse(
            status: .switchingProtocols,
            headerFields: [
                .connection: "Upgrade", .init("upgrade")!: "websocket", .init("sec-websocket-protocol")!: "v4",
                .init("sec-websocket-accept")!: "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=",
            ])
        change(&head)
        return head
    }

    private func refusal(_ head: HTTPResponse) -> String? {
        do throws(TransportError) {
            _ = try handshake.chosen(in: head)
            return nil
        } catch {
            return error.message
        }
    }

    @Test func `asks as the standard says and takes the answer's choice`() throws {
        var fields = HTTPFields()
        handshake.add(to: &fields)
        #expect(fields[.init("sec-websocket-key")!] == "dGhlIHNhbXBsZSBub25jZQ==")
        #expect(fields[.init("sec-websocket-protocol")!] == "v5, v4")
        let chosen = try handshake.chosen(in: answer())
        #expect(chosen == "v4")
    }

    @Test func `is refused without the proof, the protocol, or by an extension`() {
        #expect(refusal(answer { $0.status = .ok })?.contains("status 200") == true)
        #expect(refusal(answer { $0.headerFields[.init("sec-websocket-accept")!] = "x" })?.contains("proof") == true)
        #expect(
            refusal(answer { $0.headerFields[.init("upgrade")!] = "SPDY/3.1" })?.contains("another protocol") == true)
        #expect(refusal(answer { $0.headerFields[.init("sec-websocket-protocol")!] = nil })?.contains("v5, v4") == true)
        #expect(
            refusal(answer { $0.headerFields[.init("sec-websocket-extensions")!] = "x" })?.contains("extension") == true
        )
    }

    @Test func `chooses the first that both know`() throws {
        var request = HTTPRequest(method: .get, scheme: "https", authority: "a", path: "/")
        handshake.add(to: &request.headerFields)
        let found = try #require(WebSocketHandshake.answer(to: request, supported: ["v4", "v5"]))
        #expect(found.subprotocol == "v5")
        #expect(refusal(found.0) == nil)
        #expect(WebSocketHandshake.answer(to: request, supported: ["v1"]) == nil)
    }
}
