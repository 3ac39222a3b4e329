internal import NIOCore

/// One frame of a WebSocket connection, and how it is written. Source: RFC 6455, section 5.
package struct WebSocketFrame: Sendable, Hashable {
    package enum Kind: UInt8, Sendable {
        case continuation = 0
        case text = 1
        case binary = 2
        case close = 8
        case ping = 9
        case pong = 10

        /// Short, never in pieces, allowed between the pieces of a message.
        var isControl: Bool { rawValue >= 8 }
    }

    /// The longest payload of a control frame.
    static let longestControl = 125

    package var kind: Kind
    /// Whether the message ends with this frame.
    package var isLast: Bool
    package var payload: [UInt8]

    package init(_ kind: Kind, _ payload: [UInt8] = [], isLast: Bool = true) {
        self.kind = kind
        self.payload = payload
        self.isLast = isLast
    }

    /// As it goes over the wire.
    ///
    /// - Parameter mask: four random bytes for what a client sends; nil for what a server sends.
    package func encoded(mask: UInt32?) -> [UInt8] {
        var bytes: [UInt8] = [(isLast ? 0x80 : 0) | kind.rawValue]
        bytes.reserveCapacity(payload.count + 14)
        let masked: UInt8 = mask == nil ? 0 : 0x80
        switch payload.count {
        case ..<126: bytes.append(masked | UInt8(payload.count))
        case ..<65_536: bytes += [masked | 126, UInt8(payload.count >> 8), UInt8(payload.count & 255)]
        default:
            bytes.append(masked | 127)
            for shift in stride(from: 56, through: 0, by: -8) { bytes.append(UInt8(payload.count >> shift & 255)) }
        }
        guard let mask else { return bytes + payload }
        let start = bytes.count + 4
        bytes += WebSocketFrame.key(mask)
        bytes += payload
        WebSocketFrame.unmask(&bytes, from: start, with: WebSocketFrame.key(mask))
        return bytes
    }

    static func key(_ mask: UInt32) -> [UInt8] {
        [UInt8(mask >> 24), UInt8(mask >> 16 & 255), UInt8(mask >> 8 & 255), UInt8(mask & 255)]
    }

    /// Masking and unmasking are the same (section 5.3).
    static func unmask(_ bytes: inout [UInt8], from start: Int, with key: [UInt8]) {
        for index in start..<bytes.count { bytes[index] ^= key[(index - start) & 3] }
    }
}

/// What a peer says when it ends a connection. Source: RFC 6455, section 7.4.
package struct WebSocketClose: Sendable, Hashable {
    /// 1000 is a normal end; 1005 stands for a close frame without a code.
    package let code: Int
    /// One line; what the peer sent, control characters as `?`.
    package let reason: String

    package init(code: Int, reason: String = "") {
        self.code = code
        self.reason = reason
    }

    /// Nil if it is no valid close payload: one byte, a code that must not be sent, a reason that is no UTF-8.
    init?(payload: [UInt8]) {
        guard !payload.isEmpty else {
            self.init(code: 1005)
            return
        }
        guard payload.count >= 2, let text = String(validating: payload[2...], as: UTF8.self) else { return nil }
        let code = Int(payload[0]) << 8 | Int(payload[1])
        guard (1000...1003).contains(code) || (1007...1014).contains(code) || (3000...4999).contains(code) else {
            return nil
        }
        let reason = text.unicodeScalars.map { $0.value < 0x20 || $0.value == 0x7F ? "?" : String($0) }.joined()
        self.init(code: code, reason: reason)
    }

    package var payload: [UInt8] {
        guard code != 1005 else { return [] }
        let text = Array(reason.utf8.prefix(WebSocketFrame.longestControl - 2))
        return [UInt8(code >> 8), UInt8(code & 255)] + text
    }
}
