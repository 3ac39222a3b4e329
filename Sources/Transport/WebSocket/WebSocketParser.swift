package import NIOCore

/// A whole message, its pieces joined, or a control frame.
package enum WebSocketMessage: Sendable, Hashable {
    case text([UInt8])
    case binary([UInt8])
    case ping([UInt8])
    case pong([UInt8])
    case close(WebSocketClose)
}

/// Reads messages out of the bytes of a connection. A value without I/O: feed it what arrives.
///
/// Bound: a message of at most `limit` bytes; what is announced as longer is refused before any of it is kept. Source:
/// RFC 6455, sections 5 and 7.
package struct WebSocketParser: Sendable {
    /// Why what arrives is no WebSocket; the code is what the peer should be told.
    package struct Failure: Error, Sendable, Hashable, CustomStringConvertible {
        package let code: Int
        package let description: String
    }

    /// What no exec stream needs: API servers send at most 32 KiB at a time.
    package static let usualLimit = 1 << 20

    private let limit: Int
    private let expectsMask: Bool
    private var rest: [UInt8] = []
    /// What is before it in `rest` was taken; so that many small frames in one chunk cost no more than a large one.
    private var position = 0
    /// The kind and the pieces of a message that has not ended.
    private var begun: (kind: WebSocketFrame.Kind, bytes: [UInt8])?
    private var isClosed = false

    /// - Parameter isServer: reads what a client sends, which must be masked; a client reads what must not be.
    package init(isServer: Bool = false, limit: Int = usualLimit) {
        expectsMask = isServer
        self.limit = limit
    }

    /// The messages that `bytes` complete. What follows a close frame is ignored.
    package mutating func feed(_ bytes: ByteBuffer) throws(Failure) -> [WebSocketMessage] {
        rest.removeFirst(position)
        position = 0
        rest += bytes.readableBytesView
        var messages: [WebSocketMessage] = []
        while !isClosed, let frame = try takeFrame() {
            if let message = try message(frame) { messages.append(message) }
        }
        if isClosed { (rest, position) = ([], 0) }
        return messages
    }

    private mutating func takeFrame() throws(Failure) -> WebSocketFrame? {
        guard rest.count - position >= 2 else { return nil }
        let first = rest[position]
        guard first & 0x70 == 0, let kind = WebSocketFrame.Kind(rawValue: first & 0x0F) else {
            throw refusal("a frame with bits that were not agreed on")
        }
        guard (rest[position + 1] & 0x80 != 0) == expectsMask else {
            throw refusal(expectsMask ? "a frame that is not masked" : "a frame that is masked")
        }
        guard let (length, offset) = try length(kind) else { return nil }
        let start = offset + (expectsMask ? 4 : 0)
        guard rest.count >= start + length else { return nil }
        position = start + length
        var payload = Array(rest[start..<start + length])
        if expectsMask { WebSocketFrame.unmask(&payload, from: 0, with: Array(rest[offset..<start])) }
        return WebSocketFrame(kind, payload, isLast: first & 0x80 != 0)
    }

    /// The length of the payload and where in `rest` what follows it begins; nil if more bytes are needed.
    private func length(_ kind: WebSocketFrame.Kind) throws(Failure) -> (Int, Int)? {
        let short = Int(rest[position + 1] & 0x7F)
        let begin = position + 2
        if kind.isControl {
            guard short <= WebSocketFrame.longestControl, rest[position] & 0x80 != 0 else {
                throw refusal("a control frame that is long or in pieces")
            }
            return (short, begin)
        }
        let digits = short == 126 ? 2 : short == 127 ? 8 : 0
        guard rest.count >= begin + digits else { return nil }
        var length = UInt64(digits == 0 ? short : 0)
        for byte in rest[begin..<begin + digits] { length = length << 8 | UInt64(byte) }
        guard length <= UInt64(limit - (begun?.bytes.count ?? 0)) else {
            throw Failure(code: 1009, description: "a message of more than \(limit) bytes")
        }
        return (Int(length), begin + digits)
    }

    private mutating func message(_ frame: WebSocketFrame) throws(Failure) -> WebSocketMessage? {
        switch frame.kind {
        case .ping: return .ping(frame.payload)
        case .pong: return .pong(frame.payload)
        case .close:
            isClosed = true
            guard let close = WebSocketClose(payload: frame.payload) else {
                throw refusal("a close frame without sense")
            }
            return .close(close)
        case .text, .binary:
            guard begun == nil else { throw refusal("a message inside a message") }
            begun = (frame.kind, frame.payload)
        case .continuation:
            guard begun != nil else { throw refusal("the end of a message that did not begin") }
            begun?.bytes += frame.payload
        }
        guard frame.isLast, let whole = begun else { return nil }
        begun = nil
        return whole.kind == .text ? .text(whole.bytes) : .binary(whole.bytes)
    }

    private func refusal(_ text: String) -> Failure { Failure(code: 1002, description: text) }
}
